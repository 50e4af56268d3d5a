/** The JSON of the REST contract, as far as the pages read it. */

export interface Connector {
  connector_id: number;
  status: string;
  error_code?: string | null;
  vendor_error_code?: string | null;
  info?: string | null;
  changed_at?: string | null;
}

export interface Evse {
  evse_id: number;
  /** What operators asked for; null where they never said. */
  operational?: boolean | null;
  status?: string | null;
  power_w?: number | null;
  connectors: Connector[];
  transaction_id?: string | null;
}

export interface Station {
  station_id: string;
  name?: string | null;
  ocpp_version?: string | null;
  vendor?: string | null;
  model?: string | null;
  serial_number?: string | null;
  firmware_version?: string | null;
  registration: string;
  online: boolean;
  last_seen_at?: string | null;
  last_frame_age_s?: number | null;
  connected_since?: string | null;
  security_profile?: number | null;
  site?: string | null;
  status: string;
  power_w?: number | null;
  evses: Evse[];
  flags?: string[];
}

export interface Transaction {
  id: string;
  transaction_id?: string | null;
  station_id: string;
  evse_id?: number | null;
  connector_id?: number | null;
  id_token?: string | null;
  started_at: string;
  stopped_at?: string | null;
  stop_reason?: string | null;
  meter_start_wh?: number | null;
  meter_stop_wh?: number | null;
  energy_wh?: number | null;
  active: boolean;
  charging_state?: string | null;
  power_w?: number | null;
  soc_percent?: number | null;
}

export type CommandState =
  | 'queued'
  | 'sent'
  | 'accepted'
  | 'rejected'
  | 'effect_seen'
  | 'expired'
  | 'failed';

export interface Command {
  command_id: string;
  station_id: string;
  name: string;
  state: CommandState;
  requested_by?: string | null;
  created_at?: string | null;
  sent_at?: string | null;
  answered_at?: string | null;
  effect_at?: string | null;
  not_after?: string | null;
  request?: Record<string, unknown> | null;
  answer?: Record<string, unknown> | null;
  error?: Record<string, unknown> | null;
  effect?: string | null;
}

export interface LoggedMessage {
  id: string | number;
  at: string;
  direction: 'in' | 'out';
  message_type: string;
  message_id: string;
  action?: string | null;
  frame: string;
}

export interface Listed<T> {
  items: T[];
  next: string | null;
}

export interface User {
  username: string;
  role?: string | null;
}

export interface SignedIn {
  token: string;
  expires_at?: string | null;
  user: User;
}

export interface MeterValue {
  timestamp: string;
  measurand: string;
  phase?: string | null;
  value: number | null;
  unit?: string | null;
}
