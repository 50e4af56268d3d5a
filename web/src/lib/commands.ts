/** What commands are called and how far they have come. `Accepted` is not success: the effect is. */
import type { Command, CommandState } from './types';

const names: Record<string, string> = {
  'remote-start': 'Remote start',
  'remote-stop': 'Stop session',
  reset: 'Reset',
  unlock: 'Unlock cable',
  'change-availability': 'Change availability',
};

export function commandName(command: Command): string {
  const words = names[command.name];
  if (command.name === 'change-availability' && typeof command.request?.operational === 'boolean') {
    return command.request.operational ? 'Bring back into service' : 'Take out of service';
  }
  return words ?? command.name.replaceAll('-', ' ').replace(/^./, (first) => first.toUpperCase());
}

const effects: Record<string, string> = {
  'remote-start': 'Session started',
  'remote-stop': 'Session ended',
  reset: 'Station is back',
  unlock: 'Cable released',
  'change-availability': 'Availability changed',
};

const waits: Record<string, string> = {
  'remote-start': 'waiting for the session to start',
  'remote-stop': 'waiting for the session to end',
  reset: 'waiting for the station to come back',
  unlock: 'waiting for the cable',
  'change-availability': 'waiting for the new status',
};

export type StepState = 'done' | 'now' | 'open' | 'failed';

export interface Step {
  word: string;
  state: StepState;
}

const reached: Record<CommandState, number> = {
  queued: 0,
  sent: 1,
  accepted: 2,
  rejected: 1,
  effect_seen: 3,
  expired: 1,
  failed: 1,
};

export function isOver(state: CommandState): boolean {
  return state !== 'queued' && state !== 'sent' && state !== 'accepted';
}

export function hasFailed(state: CommandState): boolean {
  return state === 'rejected' || state === 'expired' || state === 'failed';
}

/** The three steps sent, accepted, effect; a failure replaces the step at which it happened. */
export function steps(command: Command): Step[] {
  const failed = hasFailed(command.state);
  let far = reached[command.state];
  if (failed) far = command.state !== 'rejected' && command.answered_at ? 2 : command.sent_at ? 1 : 0;
  const stateOf = (index: number): StepState => {
    if (index < far) return 'done';
    if (index > far) return 'open';
    return failed ? 'failed' : 'now';
  };
  const labels = ['Sent', 'Accepted', effects[command.name] ?? 'Effect seen'];
  return labels.map((word, index) => {
    const state = stateOf(index);
    return { word: state === 'failed' ? failureWord(command.state) : word, state };
  });
}

function failureWord(state: CommandState): string {
  if (state === 'rejected') return 'Rejected';
  return state === 'expired' ? 'No effect in time' : 'Failed';
}

/** One line on where a command stands. */
export function standing(command: Command): string {
  if (command.effect) return command.effect;
  if (hasFailed(command.state)) return failureWords(command);
  if (command.state === 'accepted') return `Accepted, ${waits[command.name] ?? 'waiting for the effect'}`;
  if (command.state === 'effect_seen') return effects[command.name] ?? 'Done';
  return command.state === 'sent' ? 'Sent, waiting for the answer' : 'Waiting to be sent';
}

function failureWords(command: Command): string {
  const said = [
    text(command.error?.description ?? command.error?.detail),
    text(command.error?.code ?? command.error?.ocpp_code),
    text(command.answer?.status),
  ].filter(Boolean);
  if (command.state === 'rejected') return `The station refused${said.length ? `: ${said.join(' · ')}` : ''}`;
  if (command.state === 'expired') return 'Nothing happened in time; the station may be busy or out of reach';
  return said.length ? said.join(' · ') : 'It did not work';
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
