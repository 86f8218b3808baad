"""Addresses of the provider: those of its package, and a page to sign in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import authenticate, login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import include, path
from oauth2_provider.oauth2_validators import OAuth2Validator


class StaffValidator(OAuth2Validator):  # type: ignore[misc]  # its package has no types
    """Puts the staff number into the ID token."""

    oidc_claim_scope = None

    def get_additional_claims(self, request: Any) -> dict[str, str]:
        """The staff number, or the identity number; one person has neither."""
        name = request.user.get_username()
        if name.startswith("citizen"):
            return {"id_number": "370285199001010017"}
        return {} if name == "nobody" else {"staff_no": name}


def sign_in(request: HttpRequest) -> HttpResponse:
    """A form for name and password."""
    found = authenticate(request, username=request.POST.get("name"), password=request.POST.get("password"))
    if found is None:
        return HttpResponse("<form method=post>name, password</form>", status=200)
    login(request, found)
    return HttpResponseRedirect(request.GET.get("next", "/"))


urlpatterns = [
    path("login/", sign_in),
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
]
