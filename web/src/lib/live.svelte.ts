/** The state of the fleet on this device: lists loaded once, then kept by the stream of events. */
import { all, get, openEvents, wordsOf } from './api';
import { ago, duration } from './format';
import { EventStream, type ServerEvent, type StreamState } from './events';
import type { Command, Listed, Station, Transaction } from './types';

const pageSize = 500;
const paintEveryMs = 250;
const endedShown = 200;
const refreshEveryMs = 30_000;
/** Beyond this many stations, ages are not asked for again: a frame alone is no event on the stream. */
const mostRefreshed = 1000;

/** A table by id, cheap to change and announced a few times a second at most. */
class Table<T> {
  #rows = new Map<string, T>();
  #list = $state.raw<T[]>([]);
  #stale = false;

  get list(): T[] {
    return this.#list;
  }

  find(id: string): T | undefined {
    void this.#list;
    return this.#rows.get(id);
  }

  set(id: string, row: T): void {
    this.#rows.set(id, row);
    this.#stale = true;
  }

  delete(id: string): void {
    this.#stale = this.#rows.delete(id) || this.#stale;
  }

  keepOnly(ids: Set<string>): void {
    for (const id of this.#rows.keys()) if (!ids.has(id)) this.delete(id);
  }

  clear(): void {
    this.#rows.clear();
    this.#stale = true;
  }

  paint(): void {
    if (!this.#stale) return;
    this.#stale = false;
    this.#list = [...this.#rows.values()];
  }
}

class Live {
  stations = new Table<Station>();
  transactions = new Table<Transaction>();
  commands = new Table<Command>();
  state = $state.raw<StreamState>('connecting');
  /** When the last byte came from the server, in milliseconds since 1970. */
  heardAt = $state.raw(0);
  loaded = $state.raw(false);
  error = $state.raw('');

  #seenAt = new Map<string, number>();
  #stream: EventStream | null = null;
  #waiting: ServerEvent[] | null = null;
  #timers: ReturnType<typeof setInterval>[] = [];

  start(): void {
    if (this.#stream) return;
    this.#timers = [
      setInterval(() => this.#paint(), paintEveryMs),
      setInterval(() => void this.#refresh(), refreshEveryMs),
    ];
    this.#stream = new EventStream({
      open: (lastId, signal) => openEvents({ topics: 'station,transaction,command' }, lastId, signal),
      onEvent: (event) => this.#take(event),
      onState: (state) => (this.state = state),
      onBytes: () => (this.heardAt = Date.now()),
    });
    void this.#stream.run();
  }

  stop(): void {
    this.#stream?.stop();
    this.#stream = null;
    for (const timer of this.#timers) clearInterval(timer);
    this.#waiting = null;
    this.loaded = false;
    for (const table of [this.stations, this.transactions, this.commands]) {
      table.clear();
      table.paint();
    }
  }

  retry(): void {
    this.#stream?.retry();
    if (this.error) void this.#load();
  }

  /** Seconds since the last frame of a station, counted on from when we were told. */
  frameAge(station: Station, now: number): number | null {
    if (station.last_frame_age_s == null) return null;
    const told = this.#seenAt.get(station.station_id) ?? now;
    return station.last_frame_age_s + Math.max(0, now - told) / 1000;
  }

  /** When a station was last heard of, in words. */
  heard(station: Station, now: number): string {
    const age = this.frameAge(station, now);
    if (age === null) return 'never seen';
    if (!station.online) return `${duration(age)} silent`;
    const told = this.#seenAt.get(station.station_id) ?? now;
    const stale = this.stations.list.length > mostRefreshed && now - told > 2 * refreshEveryMs;
    return stale ? 'connected' : ago(age);
  }

  putStation(station: Station): void {
    this.#seenAt.set(station.station_id, Date.now());
    this.stations.set(station.station_id, station);
  }

  putCommand(command: Command): void {
    this.commands.set(command.command_id, command);
    this.commands.paint();
  }

  paintNow(): void {
    this.#paint();
  }

  #take(event: ServerEvent): void {
    if (event.event === 'snapshot') {
      void this.#load();
      return;
    }
    if (this.#waiting) this.#waiting.push(event);
    else this.#apply(event);
  }

  #apply(event: ServerEvent): void {
    const data: unknown = JSON.parse(event.data);
    if (event.event === 'station') this.#applyStation(data as Station);
    else if (event.event === 'transaction') this.#putTransaction(data as Transaction);
    else if (event.event === 'command') {
      const command = data as Command;
      this.commands.set(command.command_id, command);
    }
  }

  #applyStation(station: Station & { deleted?: boolean }): void {
    if (station.deleted) this.stations.delete(station.station_id);
    else this.putStation(station);
  }

  #putTransaction(transaction: Transaction): void {
    this.transactions.set(transaction.id, transaction);
  }

  /** Load the lists; events that come meanwhile are applied afterwards, in their order. */
  async #load(): Promise<void> {
    this.#waiting ??= [];
    try {
      await Promise.all([this.#loadStations(), this.#loadTransactions()]);
      this.error = '';
      this.loaded = true;
    } catch (error) {
      this.error = wordsOf(error);
    }
    this.#settle();
  }

  async #loadStations(): Promise<void> {
    const ids = new Set<string>();
    await all<Station>('/stations', { limit: pageSize }, (page) => {
      for (const station of page) {
        ids.add(station.station_id);
        this.putStation(station);
      }
      this.#paint();
    });
    this.stations.keepOnly(ids);
  }

  async #loadTransactions(): Promise<void> {
    const ids = new Set<string>();
    const keep = (page: Transaction[]) => {
      for (const transaction of page) {
        ids.add(transaction.id);
        this.#putTransaction(transaction);
      }
    };
    await all<Transaction>('/transactions', { active: true, limit: pageSize }, keep);
    keep((await get<Listed<Transaction>>('/transactions', { active: false, limit: endedShown })).items);
    this.transactions.keepOnly(ids);
  }

  /** Ask for the ages again; what changed meanwhile is told by the stream anyway. */
  async #refresh(): Promise<void> {
    const few = this.stations.list.length <= mostRefreshed;
    if (!few || document.hidden || !this.loaded || this.#waiting || this.state !== 'live') return;
    this.#waiting = [];
    try {
      await this.#loadStations();
    } catch {
      // the stream tells when the server is away
    }
    this.#settle();
  }

  #settle(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    for (const event of waiting) this.#apply(event);
    this.#paint();
  }

  #paint(): void {
    this.stations.paint();
    this.transactions.paint();
    this.commands.paint();
  }
}

export const live = new Live();
