//! What a client allows itself: how long, how large, how many, each with its reason.

use std::time::Duration;

/// How long one token request may take. Keycloak answers in milliseconds; what takes longer than this is down, and
/// the callers behind it should hear so well within their default deadline of 30 s.
pub(crate) const GRANT_LIMIT: Duration = Duration::from_secs(10);

/// How much of a token answer is read, in bytes. Keycloak's largest tokens stay under 16 KiB, because headers do.
pub(crate) const TOKEN_ANSWER_LIMIT: usize = 256 * 1024;

/// The life of a token whose answer does not tell it (RFC 6749 §5.1 leaves that open): short, so that a wrong guess
/// costs a grant and not a refused call.
pub(crate) const UNSTATED_LIFETIME: Duration = Duration::from_secs(60);

/// No honest lifetime is longer (31 years), and no arithmetic here overflows below it.
pub(crate) const LONGEST_LIFETIME_SECONDS: f64 = 1e9;

/// How much of an error's body is kept, in bytes.
pub(crate) const ERROR_BODY_LIMIT: usize = 64 * 1024;

/// How many redirects a GET follows on its own origin.
pub(crate) const REDIRECT_LIMIT: u32 = 5;

/// How many kept connections a warm-up tries that turn out to be dead.
pub(crate) const MOST_DEAD_CONNECTIONS: u32 = 8;

/// How long an unused connection is kept. Load balancers close idle connections after 60 s; being first avoids the
/// race between their close and our next request.
pub(crate) const IDLE_CONNECTION_LIMIT: Duration = Duration::from_secs(50);

/// The bound of the first wait between two tries; it doubles with each. A load balancer needs about this long to take
/// a dead instance out.
pub(crate) const BACKOFF_BASE: Duration = Duration::from_millis(100);

/// The bound of all waits: with the default deadline of 30 s, two retries and their waits must fit.
pub(crate) const BACKOFF_LIMIT: Duration = Duration::from_secs(5);

/// What one call adds to the retry budget: a fifth, so that an outage meets at most 1.2 times the usual load.
pub(crate) const RETRIES_PER_CALL: f64 = 0.2;

/// Retries that a client has without having earned them; it grows back by one a second.
pub(crate) const RETRY_RESERVE: f64 = 10.0;

/// What a client may save up: the share of its last 500 calls.
pub(crate) const RETRY_SAVINGS: f64 = 100.0;

/// How many requests one grant may take, if the endpoint is in trouble.
pub(crate) const REQUESTS_PER_GRANT: u32 = 3;

/// How often one caller asks again for a token that ended, or was refused, before it could be used: enough for whatever
/// happens once, and no hammering of an endpoint whose tokens end at once.
pub(crate) const ROUNDS_FOR_A_TOKEN: u32 = 5;

/// How often a valid token may be renewed, and how often a 401 may drive a new grant.
pub(crate) const BETWEEN_REFRESHES: Duration = Duration::from_secs(1);

/// How long a caller whose token is still valid waits for the next one.
pub(crate) const REFRESH_PATIENCE: Duration = Duration::from_secs(1);

/// How long a refusal by the token endpoint answers for it: a loop of callers with a wrong secret must not hammer an
/// endpoint that has no lock-out of its own (Keycloak has none for clients).
pub(crate) const REFUSAL_MEMORY: Duration = Duration::from_secs(1);

/// How long an assertion of who the client is may be used: it is sent at once, so this is for clocks that differ a little.
pub(crate) const ASSERTION_LIFETIME: Duration = Duration::from_secs(60);

/// The most that is read of a file with a key, in bytes: the largest key is 3 KB of PEM, and words or certificates may be
/// around it; but the file may be of another kind, and have no end.
pub(crate) const LARGEST_KEY_FILE: usize = 256 * 1024;

/// How far apart two clocks may be before that is told as the likely reason of a 401. A signature has whole seconds, and
/// nothing that keeps time by the network is off by half a minute.
pub(crate) const MOST_CLOCK_SKEW: Duration = Duration::from_secs(30);

/// How many threads sign: two make some 2,000 signatures a second with 2048 bits, and leave the rest of a large machine to
/// the program that this is a guest of.
pub(crate) const HARD_WORKERS: usize = 2;

/// What all operations on the store of a fleet may cost one use together: a store in the same region answers in 1 to 3 ms,
/// and no user notices a quarter of a second, once.
pub(crate) const STORE_BUDGET: Duration = Duration::from_millis(250);

/// What is left of that, at least, after an answer that was late because the event loop had other things to do.
pub(crate) const LEAST_STORE_BUDGET: Duration = Duration::from_millis(50);

/// How long a turn of an event loop takes at most that has little to do.
pub(crate) const PROMPT_TURN: Duration = Duration::from_millis(20);

/// How many such turns in a row show that a loop keeps up: connecting to Redis takes about as many.
pub(crate) const PROMPT_TURNS: u32 = 5;

/// How long the event loop on which a store lives may take to notice that it is asked, or that an answer has come: it is busy,
/// as when fifty processes start on two processors, and no call that began on it could be settled meanwhile.
pub(crate) const LONGEST_NOTICE: Duration = Duration::from_secs(1);

/// How long the member that was elected to ask for the next token has the lock. An identity provider under load answers
/// within a second; after a member's death the fleet waits no longer than this.
pub(crate) const LOCK_LIFE: Duration = Duration::from_secs(2);

/// How long a member without a token waits for another's: for one lock whose holder died, and for that of its successor.
pub(crate) const LONGEST_FLEET_WAIT: Duration = Duration::from_millis(4_250);

/// The bound of the first wait between two looks at the store: what a grant takes. It doubles up to the longest.
pub(crate) const FIRST_LOOK: Duration = Duration::from_millis(50);

/// With what a look costs, nobody waits more than 250 ms for a token that is there; and a thousand members who wait make
/// some thousand looks a second, a hundredth of what one Redis can do.
pub(crate) const LONGEST_LOOK: Duration = Duration::from_millis(200);

/// The shortest time between two looks of a member whose token is valid, while another is getting the next: what that takes.
pub(crate) const SHORTEST_LOOK: Duration = Duration::from_millis(100);

/// How far the clocks of two members may be apart: what keeps time by the network is off by some milliseconds.
pub(crate) const MOST_FLEET_SKEW: Duration = Duration::from_secs(1);

/// How long a store that failed is left alone at first; it doubles with each failure.
pub(crate) const STORE_REST: Duration = Duration::from_secs(1);

/// The longest: after an outage the fleet is one again within half a minute.
pub(crate) const LONGEST_STORE_REST: Duration = Duration::from_secs(30);

/// The size of the largest fleet for which grants are spread where a store has no lock.
pub(crate) const LARGEST_SPREAD_FLEET: f64 = 10_000.0;

/// How many tokens that the API refused are known by their digests, so that the store cannot bring them back.
pub(crate) const REFUSED_DIGESTS: usize = 16;
