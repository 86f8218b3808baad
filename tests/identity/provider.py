"""A real provider of identities on loopback: django-oauth-toolkit, which itself demands PKCE.

Run as a process of its own (`python -m tests.identity.provider <folder> <desk> <people>`); it prints its
address. People are named after their staff numbers; access tokens of systems are signed JWT (RFC 9068), as
most providers give.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import django
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from joserfc import jwt
from joserfc.jwk import RSAKey

PASSWORD = "correct horse battery staple"
DESK, INTAKE, STRANGER = "desk", "intake", "stranger"
SECRET = "secret-of-the-client"
AUDIENCE = "yangguang"
STATE: dict[str, Any] = {}


def access_token(request: Any, refresh_token: bool = False) -> str:
    """An access token: signed, for the audience, naming its client."""
    now = int(time.time())
    claims = {
        "iss": STATE["issuer"],
        "aud": AUDIENCE,
        "sub": request.client.client_id,
        "client_id": request.client.client_id,
        "iat": now,
        "exp": now + 300,
        "jti": f"{time.time_ns()}",
    }
    key: RSAKey = STATE["key"]
    return jwt.encode({"alg": "RS256", "typ": "at+jwt", "kid": key.thumbprint()}, claims, key)


def configure(folder: Path, pem: str) -> None:
    """Settings without a project."""
    settings.configure(
        DEBUG=False,
        SECRET_KEY="of-a-test",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF="tests.identity.provider_urls",
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "oauth2_provider",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "provider.db")}},
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        LOGIN_URL="/login/",
        USE_TZ=True,
        OAUTH2_PROVIDER={
            "OIDC_ENABLED": True,
            "OIDC_RSA_PRIVATE_KEY": pem,
            "OIDC_ISS_ENDPOINT": STATE["issuer"],
            "OAUTH2_VALIDATOR_CLASS": "tests.identity.provider_urls.StaffValidator",
            "ACCESS_TOKEN_GENERATOR": "tests.identity.provider.access_token",
            "PKCE_REQUIRED": True,
            "SCOPES": {"openid": "who", "profile": "profile", "intake": "hand in"},
        },
    )


def populate(desk: str, people: list[str]) -> None:
    """People, the desk as a client for them, and two systems."""
    from django.contrib.auth.models import User  # noqa: PLC0415  # only once Django is set up
    from oauth2_provider.models import Application  # noqa: PLC0415

    for who in people:
        User.objects.create_user(who, password=PASSWORD)
    shared = {"client_secret": SECRET, "client_type": "confidential", "algorithm": "RS256"}
    Application.objects.create(
        client_id=DESK,
        redirect_uris=f"{desk}/sign-in/callback",
        authorization_grant_type="authorization-code",
        skip_authorization=True,
        **shared,
    )
    for system in (INTAKE, STRANGER):
        Application.objects.create(client_id=system, authorization_grant_type="client-credentials", **shared)


class Quiet(WSGIRequestHandler):
    """Says nothing of what it serves."""

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


def main(folder: Path, desk: str, people: list[str]) -> None:
    """Serve until ended."""
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    server = WSGIServer(("127.0.0.1", 0), Quiet)
    STATE["issuer"] = f"http://127.0.0.1:{server.server_port}/o"
    STATE["key"] = RSAKey.import_key(pem)
    configure(folder, pem)
    django.setup()
    call_command("migrate", verbosity=0)
    populate(desk, people)
    server.set_app(get_wsgi_application())
    print(json.dumps({"issuer": STATE["issuer"]}), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    # Django finds the token's generator by this module's name, not by that of a script.
    from tests.identity import provider

    provider.main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
