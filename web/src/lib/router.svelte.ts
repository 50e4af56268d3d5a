/** The address bar holds the whole state: path and query, read and written here only. */

class Router {
  #url = $state.raw(new URL(location.href));

  constructor() {
    addEventListener('popstate', () => (this.#url = new URL(location.href)));
    addEventListener('click', (event) => this.#follow(event));
  }

  get path(): string {
    return this.#url.pathname;
  }

  /** The parts of the path, decoded: `/stations/A%2F1` gives `stations`, `A/1`. */
  get parts(): string[] {
    return this.#url.pathname.split('/').filter(Boolean).map(decode);
  }

  get full(): string {
    return this.#url.pathname + this.#url.search;
  }

  query(name: string): string {
    return this.#url.searchParams.get(name) ?? '';
  }

  go(to: string, options: { replace?: boolean } = {}): void {
    if (options.replace) history.replaceState(null, '', to);
    else history.pushState(null, '', to);
    this.#url = new URL(location.href);
  }

  /** The present address with other query values; empty ones are left out. */
  with(changes: Record<string, string>, path: string = this.path): string {
    const search = new URLSearchParams(this.#url.search);
    for (const [name, value] of Object.entries(changes)) {
      if (value) search.set(name, value);
      else search.delete(name);
    }
    const text = search.toString();
    return text ? `${path}?${text}` : path;
  }

  #follow(event: MouseEvent): void {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const anchor = (event.target as Element | null)?.closest?.('a');
    if (!anchor || anchor.target || anchor.origin !== location.origin) return;
    if (anchor.hasAttribute('download') || anchor.pathname.startsWith('/api/')) return;
    event.preventDefault();
    this.go(anchor.pathname + anchor.search);
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export const router = new Router();

export function stationPath(stationId: string): string {
  return `/stations/${encodeURIComponent(stationId)}`;
}
