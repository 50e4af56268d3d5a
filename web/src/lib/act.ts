/** Commands to a station: asked for here, followed until their effect is seen. */
import { get, post } from './api';
import { isOver } from './commands';
import { live } from './live.svelte';
import type { Command, Listed } from './types';

const pollEveryMs = 1000;
const giveUpAfterMs = 10 * 60_000;

/** Send a command; resolves once the server took it, while following goes on. */
export async function command(stationId: string, name: string, request: Record<string, unknown>): Promise<void> {
  const path = `/stations/${encodeURIComponent(stationId)}/commands/${name}`;
  const { command_id } = await post<{ command_id: string }>(path, request);
  if (!live.commands.find(command_id)) {
    live.putCommand({
      command_id,
      station_id: stationId,
      name,
      state: 'queued',
      created_at: new Date().toISOString(),
      request,
    });
  }
  void follow(command_id);
}

/** The stream tells most of it; asking as well covers a stream that is being resumed. */
async function follow(commandId: string): Promise<void> {
  const until = Date.now() + giveUpAfterMs;
  while (Date.now() < until) {
    try {
      const state = await get<Command>(`/commands/${encodeURIComponent(commandId)}`);
      live.putCommand(state);
      if (isOver(state.state)) return;
    } catch {
      // the server is away: ask again later
    }
    await new Promise((resolve) => setTimeout(resolve, pollEveryMs));
  }
}

/** The latest commands of a station, for its page. */
export async function loadCommands(stationId: string): Promise<void> {
  const { items } = await get<Listed<Command>>('/commands', { station_id: stationId, limit: 20 });
  for (const item of items) live.putCommand(item);
}
