// Puts the engine's deliveries right: counts that go on in the dead-letter queue, and locked groups in fifo queues.
import type { createRequestHandler } from 'local-aws-sqs';

type Queue = ReturnType<typeof createRequestHandler>['service']['Queues'][number];

/** As the engine holds it. */
interface Item {
  /** False while someone has received it. */
  visible: boolean;
  record: { MessageId: string; ReceiptHandle: string; attributes: Record<string, string> };
}

interface Live {
  item: Item;
  queue: Queue;
}

/** A message keeps these when a redrive policy moves it. */
const KEPT = ['ApproximateReceiveCount', 'ApproximateFirstReceiveTimestamp', 'SentTimestamp'];

/** Returns what is called with each queue; calling it again for the same queue changes nothing. */
export function mendDeliveries(): (queue: Queue) => void {
  const mended = new WeakSet<Queue>();
  // Until the message is deleted.
  const byId = new Map<string, Live>();
  const byHandle = new Map<string, Live>();

  return (queue) => {
    if (mended.has(queue)) return;
    mended.add(queue);

    const store = queue.setRecord;
    queue.setRecord = (input: unknown, movedId?: string) => {
      const before = movedId === undefined ? undefined : byId.get(movedId)?.item.record.attributes;
      const item: Item = store(input, movedId);
      // What the engine returns for a duplicate is not in the queue.
      if (!('visible' in item)) return item;
      for (const name of KEPT) if (before?.[name]) item.record.attributes[name] = before[name];
      byId.set(item.record.MessageId, { item, queue });
      return item;
    };

    const receive = queue.receive.bind(queue);
    const receiveAndNote: typeof receive = async (options) => {
      const copies: Item['record'][] = await receive(options);
      for (const { MessageId, ReceiptHandle } of copies) {
        const live = byId.get(MessageId);
        if (live) byHandle.set(ReceiptHandle, live);
      }
      return copies;
    };
    let turn: Promise<unknown> = Promise.resolve();
    queue.receive = (options) => {
      if (!queue.FifoQueue) return receiveAndNote(options);
      const mine = turn.then(async () => {
        const locked = itemsOfLockedGroups([...byId.values()].filter((live) => live.queue === queue));
        for (const item of locked) item.visible = false;
        return receiveAndNote(options).finally(() => {
          for (const item of locked) item.visible = true;
        });
      });
      turn = mine.catch(() => {});
      return mine;
    };

    const changeVisibility = queue.changeVisibility.bind(queue);
    queue.changeVisibility = (handle, seconds) => {
      const attributes = byHandle.get(handle)?.item.record.attributes;
      const count = attributes?.ApproximateReceiveCount;
      const changed = changeVisibility(handle, seconds);
      // The engine takes it for one more delivery.
      if (attributes && count !== undefined) attributes.ApproximateReceiveCount = count;
      return changed;
    };

    const remove = queue.delete.bind(queue);
    queue.delete = (handle) => {
      const removed = remove(handle);
      const id = byHandle.get(handle)?.item.record.MessageId;
      if (id !== undefined) byId.delete(id);
      for (const [key, { item }] of byHandle) if (item.record.MessageId === id) byHandle.delete(key);
      return removed;
    };
  };
}

/** Nobody receives the next message of a group while one of it is being worked on. */
function itemsOfLockedGroups(live: Live[]): Item[] {
  const groupOf = ({ item }: Live) => item.record.attributes.MessageGroupId;
  const locked = new Set(live.filter(({ item }) => !item.visible).map(groupOf));
  return live.filter((one) => one.item.visible && locked.has(groupOf(one))).map(({ item }) => item);
}
