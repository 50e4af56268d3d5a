/** Reading a stream of server-sent events through fetch, which can send the bearer token. */

export interface ServerEvent {
  event: string;
  data: string;
  id: string | null;
}

/** Takes the text of a stream in pieces of any size and gives back the events that are complete. */
export class EventParser {
  #rest = '';
  #event = '';
  #data: string[] = [];
  #id: string | null = null;

  push(chunk: string): ServerEvent[] {
    const lines = (this.#rest + chunk).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    const events: ServerEvent[] = [];
    for (const line of lines) {
      if (line === '') {
        const done = this.#finish();
        if (done) events.push(done);
      } else {
        this.#field(line);
      }
    }
    return events;
  }

  #field(line: string): void {
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'event') this.#event = value;
    else if (name === 'data') this.#data.push(value);
    else if (name === 'id' && !value.includes('\0')) this.#id = value;
  }

  #finish(): ServerEvent | null {
    const complete = this.#data.length
      ? { event: this.#event || 'message', data: this.#data.join('\n'), id: this.#id }
      : null;
    this.#event = '';
    this.#data = [];
    return complete;
  }
}

export type StreamState = 'connecting' | 'live' | 'gone';

interface StreamOptions {
  open: (lastId: string | null, signal: AbortSignal) => Promise<Response>;
  onEvent: (event: ServerEvent) => void;
  onState: (state: StreamState) => void;
  onBytes: () => void;
}

const silenceLimitMs = 45_000;

/** Keeps one stream open: resumes with the last event's id, backs off while the server is gone. */
export class EventStream {
  #options: StreamOptions;
  #stopped = false;
  #abort: AbortController | null = null;
  #wake: (() => void) | null = null;
  #lastId: string | null = null;
  #failures = 0;

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    this.#options.onState('connecting');
    while (!this.#stopped) {
      try {
        await this.#read();
      } catch {
        // every failure is told by the state below
      }
      if (this.#stopped) return;
      this.#failures += 1;
      this.#options.onState(this.#failures > 1 ? 'gone' : 'connecting');
      await this.#pause(Math.min(10_000, 300 * 2 ** this.#failures) * (0.75 + Math.random() / 2));
    }
  }

  /** Try again at once instead of waiting for the next attempt. */
  retry(): void {
    this.#wake?.();
  }

  stop(): void {
    this.#stopped = true;
    this.#abort?.abort();
    this.#wake?.();
  }

  async #read(): Promise<void> {
    const abort = new AbortController();
    this.#abort = abort;
    let silence = setTimeout(() => abort.abort(), silenceLimitMs);
    try {
      const response = await this.#options.open(this.#lastId, abort.signal);
      if (!response.ok || !response.body) throw new Error(`stream refused: ${response.status}`);
      this.#failures = 0;
      this.#options.onState('live');
      const parser = new EventParser();
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(silence);
        silence = setTimeout(() => abort.abort(), silenceLimitMs);
        this.#options.onBytes();
        for (const event of parser.push(value)) {
          if (event.id !== null) this.#lastId = event.id;
          this.#options.onEvent(event);
        }
      }
    } finally {
      clearTimeout(silence);
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
