type Ledger = InstanceType<typeof import('./report/ledger.js').Ledger>

/** What every client is given. */
export interface ClientOptions {
  /** Where API and token endpoint are. */
  origin: string
  credentials: { clientId: string; clientSecret: string }
  /** The authority to trust, PEM; only for TLS. */
  ca?: string | undefined
  /** How many connections it may have, where it can be told. */
  connections: number
  /** Only for layer1: whether clients share their token and connections. */
  shareToken?: boolean | undefined
}

/** The small interface that every client is driven through. */
export interface Client {
  /** Gets a token by the client's own means, and keeps it for the calls. */
  authorize(): Promise<void>
  /** Makes a call with the token, and gives its parsed JSON. */
  get(path: string): Promise<unknown>
}

/** What each file in clients/ exports. */
export interface ClientModule {
  /** Loads the library and does nothing with it. */
  load(): unknown
  create(options: ClientOptions): Promise<Client>
}

/** What one run measured, by name; latencies in ms, memory in bytes. */
export type Figures = Record<string, number>

/** A load that a child process makes. */
export interface Load {
  client: string
  options: ClientOptions
  path: string
  callers: number
  /** In ms. */
  warmUp: number
  /** In ms. */
  measure: number
  /** Whether to tell how late a timer is in the meantime. */
  watchesTimer?: boolean | undefined
}

export interface Server {
  /** Program and version, for the report. */
  name: string
  plain: string
  tls: string
  close(): Promise<void>
}

/** What the suites stand on. */
export interface Ground {
  server: Server
  /** The authority's certificate. */
  ca: { pem: string; file: string }
  /** The bench's own Rust program. */
  native: string
  /** The program wrk, if it could be had. */
  wrk: string | undefined
  rounds: number
  /** Rounds of what is short and noisy. */
  coldRounds: number
  warmUp: number
  measure: number
  /** Whether this run only shows that the bench works. */
  isQuick: boolean
  /** Tells how far the run is. */
  say(text: string): void
}

export interface Table {
  title: string
  note?: string
  columns: string[]
  rows: string[][]
}

/** Something to compare clients by. */
export interface Comparison {
  figure: string
  /** As a sentence calls it. */
  name: string
  unit?: string
  isMoreBetter?: boolean
  show(value: number): string
}

export interface Suite {
  /** For `--only`. */
  name: string
  /** What was done, in words; the clients of one cell are compared with each other. */
  cells: string[]
  /** Runs every round of it, and notes the figures. */
  run(ground: Ground, ledger: Ledger): Promise<void>
  tables(ledger: Ledger): Table[]
  /** What layer1 may win or lose by, in these cells. */
  comparisons: Comparison[]
}

export interface Goal {
  name: string
  /** Undefined if it was not measured. */
  figure: number | undefined
  limit: { atLeast: number } | { atMost: number }
  /** Behind the figure; none for a ratio. */
  unit?: string
}
