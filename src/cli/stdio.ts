// What a command says, and the exit code that goes with it: 0 for an answer, 2 for a call that could not be understood.
export const stdio = {
  out(text: string): number {
    process.stdout.write(`${text}\n`);
    return 0;
  },
  err(text: string): number {
    process.stderr.write(`${text}\n`);
    return 2;
  },
};
