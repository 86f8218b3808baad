"""Why somebody is not let in; each has a way on, which the answer names."""

from __future__ import annotations

from schemas.errors import NotPermittedError


class SignInNeededError(NotPermittedError):
    """Nobody is signed in, or no longer: sign in and go on."""

    default_code = "sign_in_needed"


class ProofNeededError(SignInNeededError):
    """Signed in too long ago for a decision: prove who you are again (step-up)."""

    default_code = "proof_needed"


class BadTokenError(SignInNeededError):
    """A bearer token that this desk does not accept."""

    default_code = "bad_token"


class ForgedFormError(NotPermittedError):
    """A form that was not sent from a page of this desk."""

    default_code = "forged_form"
