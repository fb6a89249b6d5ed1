//! The course of a call over its attempts: a token for each, and what follows one that failed.

use std::future;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use tokio::sync::OwnedSemaphorePermit;

use crate::authenticator::Authenticator;
use crate::clock::Moment;
use crate::error::{ApiRefusal, ConnectionFault, Endpoint, Error, Failure, Phase};
use crate::fault_point::{self, Stage};
use crate::headers;
use crate::http::progress::Progress;
use crate::limits::ROUNDS_FOR_A_TOKEN;
use crate::retry::may_repeat;
use crate::signature::skew_note;
use crate::token::{AccessToken, Need, Source, Supply, TokenSource};
use crate::trace::{AttemptReport, Ending, Event};

use super::{Answer, Call, Client};

/// What a call has used of its second chances.
#[derive(Default)]
struct Course {
    retries: u32,
    had_replay: bool,
    had_free_retry: bool,
}

/// What follows a failed attempt.
enum Next {
    Now,
    After(Duration),
    /// The end, with a reason if it is not plain.
    Never(Option<String>),
}

impl Client {
    /// Makes attempts until one succeeds or there should be no more.
    pub(super) async fn perform(
        &self,
        call: &Call,
        authenticator: &Authenticator,
        progress: &Arc<Progress>,
    ) -> Result<Answer, Failure> {
        fault_point::pass(Stage::Target);
        let refuse = |sentence: String| Failure::from(Error::Request(sentence));
        let url = self.config.base.join(&call.path, call.query.as_deref()).map_err(refuse)?;
        let own_headers: HeaderMap = headers::parse(&call.headers, authenticator.signs()).map_err(refuse)?;
        self.retries.count_call();
        let mut course = Course::default();
        loop {
            progress.enter_next_attempt();
            let prepared = self.prepare(call, authenticator, progress).await;
            let (supply, slot) = prepared.map_err(|failure| Failure { earlier: progress.take_earlier(), ..failure })?;
            progress.begin_attempt();
            let token_source = supply.as_ref().map(|supply| supply.source);
            let token = supply.map(|supply| supply.token);
            let report = Report { call, token_source, progress, ending: None };
            let began = self.clock.now();
            let pass = authenticator.pass(token.as_deref());
            let outcome = self.attempt(call, &url, &own_headers, &pass, slot, progress).await;
            report.end(&outcome);
            let error = match outcome {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let next = match &error {
                Error::Api(refusal) if refusal.status == StatusCode::UNAUTHORIZED => {
                    self.next_after_401(refusal, authenticator, token.as_ref(), began, &mut course)
                }
                _ => self.next(call, &error, progress, &mut course),
            };
            let failure = error.at(Endpoint::Api, progress.attempts());
            let wait = match next {
                Next::Now => None,
                Next::After(wait) => Some(wait),
                Next::Never(note) => return Err(Failure { note, earlier: progress.take_earlier(), ..failure }),
            };
            progress.remember(failure);
            if let Some(wait) = wait {
                self.retried.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(wait).await;
            }
        }
    }

    /// Waits for a token and for the right to a connection, in this order, so that nobody who waits for a token keeps a
    /// connection from the very request for it. The queue may be long: what has become of the token is looked at again.
    async fn prepare(
        &self,
        call: &Call,
        authenticator: &Authenticator,
        progress: &Progress,
    ) -> Result<(Option<Supply>, OwnedSemaphorePermit), Failure> {
        let Some(tokens) = authenticator.bearer() else {
            return Ok((None, self.queue(call, progress).await?));
        };
        for _ in 0..ROUNDS_FOR_A_TOKEN {
            progress.enter(Phase::Token);
            let supply = tokens.get(Need::Fresh, call.listener.as_ref()).await?;
            let slot = self.queue(call, progress).await?;
            if tokens.holds(&supply.token) {
                return Ok((Some(supply), slot));
            }
            if let Some(token) = tokens.fresh() {
                return Ok((Some(Supply { token, source: Source::Cache }), slot));
            }
        }
        Err(tokens.source().useless())
    }

    async fn queue(&self, call: &Call, progress: &Progress) -> Result<OwnedSemaphorePermit, Failure> {
        progress.enter(Phase::Queue);
        let slot = self.api.slot().await.map_err(|error| error.at(Endpoint::Api, progress.attempts()))?;
        if call.limit.has_passed() {
            // Those whose time is up together would each make a connection, only to drop it. The deadline ends this.
            return future::pending().await;
        }
        Ok(slot)
    }

    /// Decides what follows a 401: one more try with a new token, where it was the token that was refused.
    fn next_after_401(
        &self,
        refusal: &ApiRefusal,
        authenticator: &Authenticator,
        token: Option<&Arc<AccessToken>>,
        began: Moment,
        course: &mut Course,
    ) -> Next {
        let may_replay = match (authenticator.bearer(), token) {
            (Some(tokens), Some(token)) if !refusal.is_about_scope() => {
                tokens.refuse(token) && !mem::replace(&mut course.had_replay, true)
            }
            _ => false,
        };
        if may_replay {
            self.replays.fetch_add(1, Ordering::Relaxed);
            return Next::Now;
        }
        let skew = || skew_note(refusal.header("date"), began, self.clock.now());
        Next::Never(authenticator.signs().then(skew).flatten())
    }

    /// Decides what follows any other failed attempt.
    fn next(&self, call: &Call, error: &Error, progress: &Progress, course: &mut Course) -> Next {
        fault_point::pass(Stage::Next);
        if !may_repeat(call.is_idempotent(), error) {
            return Next::Never(None);
        }
        // A server may close a kept connection at the very moment it is used again: that is nobody's failure.
        let is_lost = matches!(error, Error::Connection { fault: ConnectionFault::Lost, .. });
        if is_lost && progress.was_lost_on_reuse() && !mem::replace(&mut course.had_free_retry, true) {
            progress.need_new_connection();
            return Next::After(Duration::ZERO);
        }
        self.next_try(call, error, course)
    }

    /// Decides when there is another try, within the call's retries, its deadline and the client's budget.
    fn next_try(&self, call: &Call, error: &Error, course: &mut Course) -> Next {
        if course.retries >= call.max_retries {
            return Next::Never(None);
        }
        let asked = error.retry_after(self.clock.now());
        let wait = asked.unwrap_or_else(|| self.retries.backoff(course.retries.saturating_add(1)));
        if call.limit.left().is_some_and(|left| left <= wait) {
            let asker = if asked.is_some() { " (Retry-After)" } else { "" };
            let wait = wait.as_millis();
            return Next::Never(Some(format!(
                "It was not tried again: a wait of {wait} ms{asker} is past the deadline"
            )));
        }
        if !self.retries.take() {
            return Next::Never(Some("It was not tried again: the retry budget is spent".to_owned()));
        }
        course.retries = course.retries.saturating_add(1);
        Next::After(wait)
    }
}

/// Tells whoever listens how an attempt ended, also if it is dropped before its end.
struct Report<'a> {
    call: &'a Call,
    token_source: Option<Source>,
    progress: &'a Progress,
    ending: Option<Ending>,
}

impl Report<'_> {
    fn end(mut self, outcome: &Result<Answer, Error>) {
        self.ending = Some(match outcome {
            Ok(answer) => Ending::Status(answer.status),
            Err(Error::Api(refusal)) => Ending::Status(refusal.status),
            Err(error) => Ending::Code(error.code()),
        });
    }
}

impl Drop for Report<'_> {
    fn drop(&mut self) {
        let Some(listener) = &self.call.listener else { return };
        let ending = match self.ending {
            Some(ending) => ending,
            None if self.progress.is_out_of_time() => Ending::Code("ERR_LAYER1_TIMEOUT"),
            None => Ending::GivenUp,
        };
        let (number, timings) = (self.progress.attempts(), self.progress.timings());
        let token_source = self.token_source;
        listener(Event::AttemptEnded(AttemptReport { number, ending, token_source, timings }));
    }
}
