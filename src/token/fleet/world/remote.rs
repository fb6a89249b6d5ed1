//! The store, and the way to it with its losses.

use super::*;

/// The store as one member reaches it.
pub(super) struct Remote {
    pub(super) world: Arc<World>,
    pub(super) owner: u64,
    pub(super) is_alive: Arc<AtomicBool>,
}

impl World {
    fn serve(&self, owner: u64, operation: Operation) -> Reply {
        let now = Instant::now();
        let mut values = self.values.lock().unwrap();
        let mut locks = self.locks.lock().unwrap();
        match operation {
            Operation::Get { key } => match values.get(&key) {
                Some((value, end)) if *end > now => Reply::Text(value.clone()),
                _ => Reply::Nothing,
            },
            Operation::Set { key, value, ttl } => {
                values.insert(key, (value, now + Duration::from_millis(ttl)));
                Reply::Yes
            }
            Operation::Delete { key } => {
                values.remove(&key);
                Reply::Yes
            }
            Operation::Acquire { .. } if self.manners.lock().unwrap().lock_is_stuck => Reply::No,
            Operation::Acquire { key, ttl } => match locks.get(&key) {
                Some((_, end)) if *end > now => Reply::No,
                _ => {
                    locks.insert(key, (owner, now + Duration::from_millis(ttl)));
                    Reply::Yes
                }
            },
            Operation::Turn => Reply::Nothing,
            Operation::Release { key } => {
                if locks.get(&key).is_some_and(|(holder, _)| *holder == owner) {
                    locks.remove(&key);
                }
                Reply::Yes
            }
        }
    }
}

impl Store for Remote {
    fn perform(&self, operation: Operation) -> Performance {
        if matches!(operation, Operation::Turn) {
            let busy = Duration::from_millis(self.world.manners.lock().unwrap().late_ms);
            let answer = async move {
                tokio::time::sleep(busy).await;
                Ok(Reply::Nothing)
            };
            return Performance { begun: ready(()).boxed(), answer: answer.boxed() };
        }
        let begun: BoxFuture<'static, ()> =
            if self.world.manners.lock().unwrap().is_busy { pending().boxed() } else { ready(()).boxed() };
        Performance { begun, answer: self.answer(operation) }
    }

    fn tell(&self, operation: Operation) {
        drop(tokio::spawn(self.answer(operation)));
    }

    fn is_open(&self) -> bool {
        self.is_alive.load(SeqCst)
    }

    fn can_lock(&self) -> bool {
        self.world.manners.lock().unwrap().can_lock
    }
}

impl Remote {
    fn answer(&self, operation: Operation) -> BoxFuture<'static, Result<Reply, StoreFault>> {
        let (world, owner) = (Arc::clone(&self.world), self.owner);
        let name = format!("{operation:?}").split(' ').next().unwrap().to_owned();
        world.log.lock().unwrap().push(name);
        world.operations.fetch_add(1, SeqCst);
        let manners = world.manners.lock().unwrap().clone();
        if manners.is_down {
            return ready(Err(StoreFault::Failed)).boxed();
        }
        // Half of those that are lost come to the store, and their answers are lost.
        let (is_lost, arrives) = (world.draw() < manners.loss, world.draw() < 0.5);
        // From half the usual time to twice, as networks have it.
        let time = manners.latency.mul_f64(0.5 + 1.5 * world.draw().powi(3)) / 2;
        async move {
            tokio::time::sleep(time).await;
            if is_lost && !arrives {
                pending::<()>().await;
            }
            let reply = world.serve(owner, operation);
            tokio::time::sleep(time).await;
            if is_lost {
                pending::<()>().await;
            }
            Ok(reply)
        }
        .boxed()
    }
}
