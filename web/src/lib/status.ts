/** One vocabulary of states: the shape, colour and word of each are the same on every page. */
import type { Connector, Evse, Station, Transaction } from './types';

export type Kind =
  | 'available'
  | 'occupied'
  | 'charging'
  | 'suspended'
  | 'reserved'
  | 'unavailable'
  | 'faulted'
  | 'offline'
  | 'waiting'
  | 'unknown';

const kinds: Record<string, Kind> = {
  Available: 'available',
  Occupied: 'occupied',
  Preparing: 'occupied',
  Finishing: 'occupied',
  EVConnected: 'occupied',
  Idle: 'occupied',
  Charging: 'charging',
  SuspendedEV: 'suspended',
  SuspendedEVSE: 'suspended',
  Reserved: 'reserved',
  Unavailable: 'unavailable',
  Faulted: 'faulted',
  Offline: 'offline',
  Waiting: 'waiting',
};

const words: Record<string, string> = {
  SuspendedEV: 'Paused by car',
  SuspendedEVSE: 'Paused by station',
  EVConnected: 'Car connected',
  Unavailable: 'Out of service',
};

export function kindOf(status: string | null | undefined): Kind {
  return (status && kinds[status]) || 'unknown';
}

export function wordOf(status: string | null | undefined): string {
  return status ? (words[status] ?? status) : 'Unknown';
}

/** The status to show for a station: being offline hides what it last said. */
export function stationStatus(station: Station): string {
  if (!station.online) return 'Offline';
  return isAwaited(station) ? 'Waiting' : station.status;
}

/** Accepted and connected, but it has not yet registered or told of any connector. */
export function isAwaited(station: Station): boolean {
  return (
    station.online &&
    station.registration === 'accepted' &&
    kindOf(station.status) === 'unknown' &&
    station.evses.every((evse) => !evse.connectors.length)
  );
}

export const awaitedWords =
  'Accepted – waiting for the station to register, up to a minute where it does not listen to triggers';

/** A status of one connector as seen now; a transaction's power makes "Occupied" into "Charging". */
export function connectorStatus(station: Station, evse: Evse, connector: Connector): string {
  if (!station.online) return 'Offline';
  const detailed = evse.connectors.length === 1 && evse.status ? evse.status : connector.status;
  return connector.status === 'Occupied' && kindOf(detailed) !== 'unknown' ? detailed : connector.status;
}

const flowsFromWatts = 50;

/** The state of a running session: as told, else as its connector or its power shows. */
export function sessionStatus(session: Transaction, station: Station | undefined): string {
  if (session.charging_state) return session.charging_state;
  const evse = station?.evses.find((e) => e.evse_id === session.evse_id);
  const told = evse?.connectors.find((c) => c.connector_id === (session.connector_id ?? c.connector_id))?.status;
  if (told && ['charging', 'suspended'].includes(kindOf(told))) return told;
  return (session.power_w ?? 0) >= flowsFromWatts ? 'Charging' : 'Occupied';
}

/** Whether a session can be started at an EVSE: nobody charges there and it is, as far as known, in service. */
export function isFree(evse: Evse, active: Transaction[]): boolean {
  const usable = evse.connectors.some((c) => !['unavailable', 'faulted'].includes(kindOf(c.status)));
  const wanted = evse.operational !== false;
  return wanted && (usable || !evse.connectors.length) && !active.some((t) => t.evse_id === evse.evse_id);
}

/** How the service of an EVSE stands: what operators asked for, and what the station reports. */
export interface Service {
  /** Whether the next step is to bring it back. */
  out: boolean;
  /** What was asked for and is not yet reported; empty when nothing is awaited. */
  awaited: string;
}

export function serviceOf(evse: Evse, busy: boolean): Service {
  const reported = evse.connectors.length > 0 && evse.connectors.every((c) => kindOf(c.status) === 'unavailable');
  if (evse.operational === false && !reported) {
    const awaited = busy ? 'Goes out of service when the session ends' : "Taken out of service, waiting for the station's report";
    return { out: true, awaited };
  }
  const awaited = evse.operational === true && reported ? "Brought back into service, waiting for the station's report" : '';
  return { out: reported, awaited };
}

/** The filters above the list of stations; every station is in exactly one besides "all". */
export const groups = ['charging', 'available', 'occupied', 'waiting', 'problem', 'offline'] as const;
export type Group = (typeof groups)[number];

export const groupWords: Record<Group, string> = {
  charging: 'Charging',
  available: 'Available',
  occupied: 'In use',
  waiting: 'Waiting for the station',
  problem: 'Problems',
  offline: 'Offline',
};

export const groupKinds: Record<Group, Kind> = {
  charging: 'charging',
  available: 'available',
  occupied: 'occupied',
  waiting: 'waiting',
  problem: 'faulted',
  offline: 'offline',
};

export function groupOf(station: Station): Group {
  if (!station.online) return 'offline';
  if (isAwaited(station)) return 'waiting';
  const kind = kindOf(station.status);
  if (kind === 'faulted' || kind === 'unavailable') return 'problem';
  if (kind === 'available' || kind === 'charging') return kind;
  return kind === 'unknown' ? 'problem' : 'occupied';
}

const urgency: Kind[] = [
  'faulted',
  'offline',
  'unavailable',
  'unknown',
  'waiting',
  'suspended',
  'charging',
  'occupied',
  'reserved',
  'available',
];

/** For sorting by status: what needs a person comes first. */
export function urgencyOf(station: Station): number {
  return urgency.indexOf(kindOf(stationStatus(station)));
}

const causes: Record<string, string> = {
  ConnectorLockFailure: 'Cable lock failed',
  EVCommunicationError: 'No talk with the car',
  GroundFailure: 'Ground fault',
  HighTemperature: 'Too hot',
  InternalError: 'Internal error',
  LocalListConflict: 'Card list out of step',
  OtherError: 'Other error',
  OverCurrentFailure: 'Current too high',
  OverVoltage: 'Voltage too high',
  PowerMeterFailure: 'Meter failed',
  PowerSwitchFailure: 'Contactor failed',
  ReaderFailure: 'Card reader failed',
  ResetFailure: 'Restart failed',
  UnderVoltage: 'Voltage too low',
  WeakSignal: 'Weak radio signal',
};

/** What is wrong with a connector in a few words; empty when nothing is. */
export function shortCause(connector: Connector): string {
  const code = errorOf(connector);
  return code && (causes[code] ?? code).toLowerCase();
}

function errorOf(connector: Connector): string {
  return connector.error_code && connector.error_code !== 'NoError' ? connector.error_code : '';
}

/** What is wrong with a connector, cause before code; empty when nothing is. */
export function causeOf(connector: Connector): string {
  const code = errorOf(connector);
  const cause = code ? `${causes[code] ?? 'Fault'} (${code})` : '';
  return [cause, connector.vendor_error_code, connector.info].filter(Boolean).join(' · ');
}
