import { describe, expect, it } from 'vitest';
import { hasFailed, standing, steps } from './commands';
import { EventParser } from './events';
import { countGroups, select, splitSessions } from './fleet';
import { duration, energy, power, pretty } from './format';
import { merge, payloadOf, withActions } from './messages';
import { ceiling, extend, joined, powerPoints, shape } from './series';
import { causeOf, connectorStatus, groupOf, isFree, kindOf, serviceOf, sessionStatus, stationStatus } from './status';
import type { Command, LoggedMessage, Station, Transaction } from './types';

const station = (changes: Partial<Station>): Station => ({
  station_id: 'A',
  registration: 'accepted',
  online: true,
  status: 'Available',
  evses: [],
  ...changes,
});
const message = (changes: Partial<LoggedMessage>): LoggedMessage => ({
  id: '1',
  at: '2026-01-01T00:00:00Z',
  direction: 'in',
  message_type: 'call',
  message_id: 'm',
  frame: '[]',
  ...changes,
});
const command = (changes: Partial<Command>): Command => ({
  command_id: 'c',
  station_id: 'A',
  name: 'reset',
  state: 'queued',
  ...changes,
});

describe('the stream of events', () => {
  it('is read the same however it is cut', () => {
    const text = ': hello\n\nid: 7\nevent: station\ndata: {"a":\ndata: 1}\n\r\nid: 8\r\ndata: x\r\n\r\n';
    const whole = new EventParser().push(text);
    const parser = new EventParser();
    const byLetter = [...text].flatMap((letter) => parser.push(letter));
    expect(whole).toEqual([
      { id: '7', event: 'station', data: '{"a":\n1}' },
      { id: '8', event: 'message', data: 'x' },
    ]);
    expect(byLetter).toEqual(whole);
  });

  it('gives no event before it is complete, and none for a comment', () => {
    const parser = new EventParser();
    expect(parser.push('event: station\ndata: 1')).toEqual([]);
    expect(parser.push('\n')).toEqual([]);
    expect(parser.push('\n: beat\n\n')).toEqual([{ id: null, event: 'station', data: '1' }]);
  });
});

describe('states', () => {
  it('know the words of every OCPP version', () => {
    expect(['Preparing', 'Occupied', 'EVConnected'].map(kindOf)).toEqual(['occupied', 'occupied', 'occupied']);
    expect(kindOf('SuspendedEVSE')).toBe('suspended');
    expect(kindOf('Whatever')).toBe('unknown');
  });

  it('hide what an offline station last said', () => {
    const gone = station({ online: false, status: 'Charging' });
    expect(stationStatus(gone)).toBe('Offline');
    expect(groupOf(gone)).toBe('offline');
  });

  it('show an occupied connector of 2.x as charging while its EVSE charges', () => {
    const connector = { connector_id: 1, status: 'Occupied' };
    const evse = { evse_id: 1, status: 'Charging', connectors: [connector] };
    expect(connectorStatus(station({}), evse, connector)).toBe('Charging');
    expect(connectorStatus(station({}), { ...evse, status: 'Available' }, { ...connector, status: 'Faulted' })).toBe('Faulted');
  });

  it('of a session come from its connector or power where the station tells no charging state', () => {
    const session: Transaction = { id: '1', station_id: 'A', evse_id: 1, started_at: '', active: true, power_w: 7000 };
    const evse = (status: string) => ({ evse_id: 1, connectors: [{ connector_id: 1, status }] });
    expect(sessionStatus(session, undefined)).toBe('Charging');
    expect(sessionStatus({ ...session, power_w: 0 }, undefined)).toBe('Occupied');
    expect(sessionStatus({ ...session, power_w: 0 }, station({ evses: [evse('SuspendedEV')] }))).toBe('SuspendedEV');
    expect(sessionStatus({ ...session, charging_state: 'EVConnected' }, undefined)).toBe('EVConnected');
    expect([isFree(evse('Available'), []), isFree(evse('Unavailable'), []), isFree(evse('Available'), [session])]).toEqual([true, false, false]);
  });

  it('of an accepted station that has told nothing yet is waiting, and no problem', () => {
    const silent = station({ status: 'Unknown' });
    expect([stationStatus(silent), groupOf(silent)]).toEqual(['Waiting', 'waiting']);
    const evse = { evse_id: 1, connectors: [{ connector_id: 1, status: 'Odd' }] };
    expect(groupOf(station({ status: 'Unknown', evses: [evse] }))).toBe('problem');
    expect(stationStatus({ ...silent, online: false })).toBe('Offline');
  });

  it('of service follow what operators asked for, and tell what the station has yet to report', () => {
    const evse = (status: string, operational: boolean | null) => ({
      evse_id: 1,
      operational,
      connectors: [{ connector_id: 1, status }],
    });
    expect(serviceOf(evse('Available', null), false)).toEqual({ out: false, awaited: '' });
    expect(serviceOf(evse('Unavailable', null), false)).toEqual({ out: true, awaited: '' });
    expect(serviceOf(evse('Unavailable', false), false)).toEqual({ out: true, awaited: '' });
    expect(serviceOf(evse('Available', false), false).out).toBe(true);
    expect(serviceOf(evse('Available', false), false).awaited).toContain("waiting for the station's report");
    expect(serviceOf(evse('Charging', false), true).awaited).toContain('when the session ends');
    expect(serviceOf(evse('Unavailable', true), false).awaited).toContain("waiting for the station's report");
    expect(isFree(evse('Available', false), [])).toBe(false);
  });

  it('let a session be started where no connector was reported yet', () => {
    expect(isFree({ evse_id: 1, connectors: [] }, [])).toBe(true);
  });

  it('give the cause before the code', () => {
    const broken = { connector_id: 1, status: 'Faulted', error_code: 'ConnectorLockFailure', info: 'stuck' };
    expect(causeOf(broken)).toBe('Cable lock failed (ConnectorLockFailure) · stuck');
    expect(causeOf({ connector_id: 1, status: 'Available', error_code: 'NoError' })).toBe('');
  });
});

describe('the list of stations', () => {
  const fleet = [
    station({ station_id: 'CP10', site: 'Depot' }),
    station({ station_id: 'CP2', status: 'Faulted' }),
    station({ station_id: 'CP1', status: 'Charging', power_w: 7000, name: 'Gate' }),
  ];

  it('finds every word in any of the texts', () => {
    expect(select(fleet, { text: 'depot cp', group: '', sort: 'name' }).map((s) => s.station_id)).toEqual(['CP10']);
  });

  it('sorts names as people count, and problems first by status', () => {
    expect(select(fleet, { text: '', group: '', sort: 'name' }).map((s) => s.station_id)).toEqual(['CP2', 'CP10', 'CP1']);
    expect(select(fleet, { text: '', group: '', sort: 'status' })[0]?.station_id).toBe('CP2');
  });

  it('counts every station in one group', () => {
    expect(countGroups(fleet)).toEqual({ charging: 1, available: 1, occupied: 0, waiting: 0, problem: 1, offline: 0 });
  });
});

it('sessions are split into running and ended, newest first', () => {
  const session = (id: string, at: string, active: boolean): Transaction => ({
    id,
    station_id: 'A',
    started_at: at,
    stopped_at: active ? null : at,
    active,
  });
  const lists = splitSessions(
    [session('1', '2026-01-01', true), session('2', '2026-01-02', false), session('3', '2026-01-03', true)],
    '',
  );
  expect(lists.active.map((t) => t.id)).toEqual(['3', '1']);
  expect(lists.ended.map((t) => t.id)).toEqual(['2']);
});

describe('numbers', () => {
  it('carry their unit and keep their decimals', () => {
    expect(power(7423)).toMatch(/^7[.,]4 kW$/);
    expect(energy(12345)).toMatch(/^12[.,]3[45] kWh$/);
    expect(power(null)).toBe('–');
  });

  it('spell durations in two units at most', () => {
    expect([4, 65, 3720, 90000].map(duration)).toEqual(['4 s', '1 min', '1 h 02 min', '1 d 1 h']);
  });
});

describe('the message log', () => {
  it('holds each message once, newest first', () => {
    const first = message({ id: '9' });
    const merged = merge([first], [first, message({ id: '10' })]);
    expect(merged.map((m) => m.id)).toEqual(['10', '9']);
    expect(merge(merged, [first])).toBe(merged);
  });

  it('names an answer after the call it answers', () => {
    const named = withActions([message({ id: 2, message_type: 'result' }), message({ action: 'Heartbeat' })]);
    expect(named.map((m) => m.action)).toEqual(['Heartbeat', 'Heartbeat']);
  });

  it('shows the payload in one line and broken frames as they are', () => {
    expect(payloadOf('[2,"m","Heartbeat",{"a":1}]')).toBe('{"a":1}');
    expect(payloadOf('[4,"m","NotSupported","no",{}]')).toBe('NotSupported: no');
    expect(payloadOf('{oops')).toBe('{oops');
    expect(pretty('{oops')).toBe('{oops');
  });
});

describe('a command', () => {
  it('is not done when it was accepted', () => {
    const now = steps(command({ state: 'accepted', sent_at: 't', answered_at: 't' }));
    expect(now.map((s) => s.state)).toEqual(['done', 'done', 'now']);
    expect(steps(command({ state: 'effect_seen' })).map((s) => s.state)).toEqual(['done', 'done', 'done']);
  });

  it('fails at the step where it failed', () => {
    expect(steps(command({ state: 'rejected', sent_at: 't', answered_at: 't' })).map((s) => s.state)).toEqual(['done', 'failed', 'open']);
    expect(steps(command({ state: 'expired' })).map((s) => s.state)).toEqual(['failed', 'open', 'open']);
    expect(steps(command({ state: 'expired', sent_at: 't', answered_at: 't' }))[2]?.state).toBe('failed');
    expect(hasFailed('rejected')).toBe(true);
  });

  it('says why it was refused', () => {
    expect(standing(command({ state: 'rejected', answer: { status: 'UnknownTransaction' } }))).toContain('UnknownTransaction');
  });
});

describe('the power of a session', () => {
  it('is the total where there is one, else the sum of the phases', () => {
    const at = '2026-01-01T00:00:00Z';
    const phase = (name: string) => ({ timestamp: at, measurand: 'Power.Active.Import', phase: name, value: 1000 });
    expect(powerPoints([phase('L1'), phase('L2')])[0]?.watts).toBe(2000);
    const total = { timestamp: at, measurand: 'Power.Active.Import', value: 3000 };
    expect(powerPoints([phase('L1'), total]).map((p) => p.watts)).toEqual([3000]);
  });

  it('is drawn inside its box', () => {
    const points = [{ at: 0, watts: 0 }, { at: 10, watts: 11_000 }];
    expect(ceiling(11_000)).toBe(15_000);
    expect(shape(points, { width: 100, height: 50, from: 0, to: 10, top: 11_000 }).line).toBe('M0.0 50.0L100.0 0.0');
    expect(extend(points, { at: 11, watts: 1 }, 5)).toBe(points);
  });

  it('goes on from the stored values without stepping back in time', () => {
    const stored = [{ at: 5, watts: 1 }];
    expect(joined(stored, [{ at: 4, watts: 2 }, { at: 6, watts: 3 }]).map((p) => p.at)).toEqual([5, 6]);
  });
});
