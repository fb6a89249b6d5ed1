//! How API calls say whose they are: by a token, by a signature, or by both.

use std::sync::Arc;

use bytes::Bytes;
use reqwest::Request;
use reqwest::header::AUTHORIZATION;

use crate::clock::Moment;
use crate::config::Auth;
use crate::credentials::Credentials;
use crate::error::Error;
use crate::signature::Signer;
use crate::token::{AccessToken, Grant, TokenCache};

pub(crate) type Tokens = Arc<TokenCache<Grant>>;

/// Authenticates calls with one set of credentials.
pub(crate) struct Authenticator {
    way: Way,
    credentials: Credentials,
    /// Also of a client whose calls carry none: it may be asked for one.
    tokens: Tokens,
}

enum Way {
    Bearer,
    Signature(Signer),
    Both(Signer),
}

impl Authenticator {
    pub(crate) fn new(auth: Auth, credentials: Credentials, tokens: Tokens) -> Result<Self, Error> {
        let way = match auth {
            Auth::OAuth2 => Way::Bearer,
            Auth::Signature => Way::Signature(signer(&credentials)?),
            Auth::Both => Way::Both(signer(&credentials)?),
        };
        Ok(Self { way, credentials, tokens })
    }

    pub(crate) fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    pub(crate) fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// Gives where the tokens of calls come from, if calls carry any.
    pub(crate) fn bearer(&self) -> Option<&Tokens> {
        match self.way {
            Way::Bearer | Way::Both(_) => Some(&self.tokens),
            Way::Signature(_) => None,
        }
    }

    pub(crate) fn signs(&self) -> bool {
        self.signer().is_some()
    }

    /// Gives what one attempt is authenticated with.
    pub(crate) fn pass<'a>(&'a self, token: Option<&'a AccessToken>) -> Pass<'a> {
        Pass { token, signer: self.signer() }
    }

    fn signer(&self) -> Option<&Signer> {
        match &self.way {
            Way::Bearer => None,
            Way::Signature(signer) | Way::Both(signer) => Some(signer),
        }
    }
}

/// What one attempt is authenticated with, and every request of it.
pub(crate) struct Pass<'a> {
    token: Option<&'a AccessToken>,
    signer: Option<&'a Signer>,
}

impl Pass<'_> {
    /// Makes a request the client's own: the last thing that is done to it, because a signature is over what is sent.
    pub(crate) async fn authenticate(
        &self,
        mut request: Request,
        content: Option<Bytes>,
        now: Moment,
    ) -> Result<Request, Error> {
        if let Some(token) = self.token {
            request.headers_mut().insert(AUTHORIZATION, token.bearer().clone());
        }
        match self.signer {
            // Apart, so that calls that are not signed are no larger while they wait.
            Some(signer) => Box::pin(signer.sign(request, content, now)).await,
            None => Ok(request),
        }
    }
}

fn signer(credentials: &Credentials) -> Result<Signer, Error> {
    let key = credentials.key.as_ref().ok_or_else(|| Error::Config(NO_KEY.into()))?;
    Signer::new(Arc::clone(key), credentials.key_id())
}

/// What is said where a key is needed and there is none.
pub(crate) const NO_KEY: &str = "privateKey is missing: pass { privateKey } to new Layer1(), or set LAYER1_PRIVATE_KEY, or LAYER1_PRIVATE_KEY_FILE to the name of a file.";
