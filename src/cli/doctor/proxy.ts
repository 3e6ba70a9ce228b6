// Which proxy the environment names for an address, read as curl and most tools read these variables.

export interface Proxy {
  variable: string;
  /** Host and port, nothing else: these variables often hold a password. */
  host: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

export function proxyFor(url: URL, variables: Variables): Proxy | undefined {
  const names = [url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY', 'ALL_PROXY'];
  const variable = names.flatMap((name) => [name.toLowerCase(), name]).find((name) => variables[name]?.trim());
  if (variable === undefined || isExcepted(url, variables.no_proxy ?? variables.NO_PROXY ?? '')) return undefined;
  const text = variables[variable]!.trim();
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  return { variable, host: URL.canParse(address) ? new URL(address).host : 'of an address that cannot be read' };
}

function isExcepted({ hostname, port }: URL, list: string): boolean {
  return list.split(/[\s,]+/).some((entry) => {
    if (entry === '*') return true;
    const [, name = '', itsPort] = /^\*?\.?(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
    if (name === '' || (itsPort !== undefined && itsPort !== port)) return false;
    return hostname === name || hostname.endsWith(`.${name}`);
  });
}
