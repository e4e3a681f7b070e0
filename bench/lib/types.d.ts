/** What a scenario gets. */
export interface Context {
  /** A short run: fewer rounds, smaller inputs. Its figures are for looking only. */
  quick: boolean
  /** The first value in a full run, the second in a quick one. */
  pick<T>(full: T, quick: T): T
  /** Shown while the scenario runs; not kept. */
  progress(text: string): void
}

/** A scenario: one file in scenarios/. */
export interface Scenario {
  title: string
  /** One or two sentences on what is compared. */
  about: string
  run(context: Context): Promise<Result>
  /** Lines of an issue's table that this scenario decides. */
  checks?: Check[]
}

export interface Result {
  tables: Table[]
  /** Every number that a check or a later comparison needs, by a dotted name. */
  figures: Figures
}

export type Figures = Record<string, number>

export type Cell = string | number | null

export interface Table {
  title: string
  /** How to read it: what was done, what is compared. */
  note?: string
  columns: string[]
  rows: Cell[][]
  load?: Load
}

/** What else the machine did meanwhile. */
export interface Load {
  /** Share of the machine's CPU time that others used (0 to 1); null where it is not known. */
  foreign: number | null
  /** Load average over one minute, at the end. */
  average: number
  seconds: number
}

export interface Check {
  /** Number of the issue whose table has this line, and the line's place in it. */
  issue: number
  line: number
  what: string
  unit: string
  limit: number
  sense: 'at most' | 'at least'
  measured(figures: Figures): number
}

export interface CheckResult extends Omit<Check, 'measured'> {
  /** null: not measured on this machine. */
  measured: number | null
  met: boolean | null
}

/** What a scenario's process hands back. */
export interface ScenarioReport extends Result {
  name: string
  title: string
  about: string
  checks: CheckResult[]
  load: Load
}

/** Of one kind of work: milliseconds of main-thread CPU, of process CPU, and of wall. */
export interface Timing extends Record<string, number> {
  mainMs: number
  allMs: number
  wallMs: number
}

/** One thing that is compared with others. */
export interface Contender {
  name: string
}
