/** Calls to the REST contract. Every failure is an ApiError with words a person can act on. */
import { session } from './session.svelte';
import type { Listed } from './types';

const base = '/api/v1';

export class ApiError extends Error {
  readonly status: number;
  readonly ocppCode: string | null;

  constructor(status: number, message: string, ocppCode: string | null = null) {
    super(message);
    this.status = status;
    this.ocppCode = ocppCode;
  }
}

type Json = Record<string, unknown>;
export type Query = Record<string, string | number | boolean | null | undefined>;

export function get<T>(path: string, query: Query = {}): Promise<T> {
  return call<T>('GET', withQuery(path, query));
}

export function post<T>(path: string, body: Json = {}): Promise<T> {
  return call<T>('POST', path, body);
}

export function put<T>(path: string, body: Json): Promise<T> {
  return call<T>('PUT', path, body);
}

/** Every page of a list, handed over page by page. */
export async function all<T>(path: string, query: Query, onPage: (items: T[]) => void): Promise<void> {
  let cursor: string | null = null;
  do {
    const page: Listed<T> = await get<Listed<T>>(path, { ...query, cursor });
    onPage(page.items);
    cursor = page.next;
  } while (cursor);
}

/** Opens the stream of events; the caller reads its body. */
export function openEvents(query: Query, lastId: string | null, signal: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'text/event-stream', ...authorization() };
  if (lastId !== null) headers['Last-Event-ID'] = lastId;
  return send(withQuery('/events', query), { headers, signal, cache: 'no-store' });
}

async function call<T>(method: string, path: string, body?: Json): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json', ...authorization() };
  const init: RequestInit = { method, headers };
  if (body) {
    headers['Content-Type'] = 'application/json';
    init.body = JSON.stringify(body);
  }
  const response = await send(path, init);
  const text = await response.text();
  if (!response.ok) throw problem(response.status, text);
  return (text ? JSON.parse(text) : null) as T;
}

async function send(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(base + path, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ApiError(0, 'The server does not answer. Check that it runs and that this device reaches it.');
  }
  if (response.status === 401 && session.token) session.end('expired');
  return response;
}

function authorization(): Record<string, string> {
  return session.token ? { Authorization: `Bearer ${session.token}` } : {};
}

function withQuery(path: string, query: Query): string {
  const pairs = Object.entries(query).filter(([, value]) => value != null && value !== '');
  if (!pairs.length) return path;
  return `${path}?${new URLSearchParams(pairs.map(([name, value]) => [name, String(value)]))}`;
}

function problem(status: number, text: string): ApiError {
  let detail: Json = {};
  try {
    detail = JSON.parse(text) as Json;
  } catch {
    // not a problem document: the status alone has to do
  }
  const said = [detail.detail, detail.title].find((part) => typeof part === 'string' && part !== '');
  const code = typeof detail.ocpp_code === 'string' ? detail.ocpp_code : null;
  return new ApiError(status, typeof said === 'string' ? said : `The server answered ${status}.`, code);
}

/** The words of any failure. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
