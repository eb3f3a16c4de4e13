"""Signing in by phone: one-time codes, refresh tokens, and how codes travel.

Round trips to the table: send-otp 1, send-registration-otp 2, verify-otp 4 for
a new account and 5 for a known one, refresh 2.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from quintet.api import ErrorType, Reply, Request
from quintet.auth import families
from quintet.auth.families import InvalidRefreshToken
from quintet.models import Length, Line
from quintet.providers import whatsapp
from stoory.accounts import one_time_codes
from stoory.accounts.entities import PhoneClaim, User
from stoory.accounts.one_time_codes import INVALID, NOT_SENT, RATE_LIMITED, UNREACHABLE
from stoory.accounts.phones import Phone
from stoory.accounts.sessions import NO_STORE, SessionReply, Tokens, TokensReply, access_token, session
from stoory.accounts.sign_up import enter_by_phone
from stoory.envelope import Done
from stoory.profiles.fields import NOT_STORED, ProfileFields
from stoory.service import api, store

auth = api.section("auth")

PHONE_REGISTERED = ErrorType(400, "PHONE_REGISTERED", "Phone number is already registered")
INVALID_REFRESH_TOKEN = ErrorType(401, "INVALID_REFRESH_TOKEN", "Invalid refresh token")
SENDING = [RATE_LIMITED, UNREACHABLE, NOT_SENT]


class PhoneOnly(BaseModel):
    model_config = ConfigDict(defer_build=True)

    phone: Phone


class UserData(ProfileFields):
    """Details of a new account; an account that exists keeps its own."""

    name: Annotated[Line, Length(2, 100)] | None = None


class PhoneProof(BaseModel):
    model_config = ConfigDict(defer_build=True)

    phone: Phone
    token: Annotated[str, Field(min_length=4, max_length=6, description="The code")]
    userData: UserData | None = None  # noqa: N815 (the document's spelling)


class Refresh(BaseModel):
    model_config = ConfigDict(defer_build=True)

    refreshToken: Annotated[str, Field(min_length=1, max_length=4096)]  # noqa: N815


class WhatsApp(BaseModel):
    model_config = ConfigDict(defer_build=True)

    status: Literal["connected", "disconnected"]


class WhatsAppReply(BaseModel):
    model_config = ConfigDict(defer_build=True)

    whatsapp: WhatsApp


@auth.post(
    "/auth/send-otp",
    errors=SENDING,
    needs={"table:write", "secret", "sms", "whatsapp"},
    error_shape="code",
    example={"phone": "+919876543210"},
)
def send_otp(body: PhoneOnly, request: Request) -> Done:
    """Send a one-time code to a phone

    Known and unknown phones get the same answer after the same work. A code lives five minutes and five tries; a new
    one replaces it. Half a minute must pass between two codes, and their number per phone, address and country is
    capped.
    """
    one_time_codes.send(body.phone, request.ip)
    return Done(message="OTP sent successfully")


@auth.post(
    "/auth/send-registration-otp",
    errors=[PHONE_REGISTERED, *SENDING],
    needs={"table:write", "secret", "sms", "whatsapp"},
    error_shape="code",
    example={"phone": "+919876543210"},
)
def send_registration_otp(body: PhoneOnly, request: Request) -> Done:
    """Send a one-time code to the phone of a new influencer"""
    if store.get(PhoneClaim, phone=body.phone) is not None:
        raise PHONE_REGISTERED()
    one_time_codes.send(body.phone, request.ip)
    return Done(message="Registration OTP sent successfully")


@auth.post(
    "/auth/verify-otp",
    errors=[INVALID, NOT_STORED],
    needs={"table:write", "secret", "vault:seal"},
    layers=("oidc",),
    error_shape="code",
    example={"phone": "+919876543210", "token": "123456", "userData": {"name": "Asha", "city": "Pune"}},
)
def verify_otp(body: PhoneProof) -> Reply[SessionReply]:
    """Sign in with a one-time code

    The first time, an influencer's account is made and `userData` fills its profile.
    """
    one_time_codes.use(body.phone, body.token)
    details = body.userData or UserData()
    user, refresh_token = enter_by_phone(body.phone, details.name, details)
    return Reply(session(user, refresh_token, "Authentication successful"), headers=NO_STORE)


@auth.post(
    "/auth/refresh-token",
    errors=[INVALID_REFRESH_TOKEN],
    needs={"table:write", "secret"},
    error_shape="code",
    example={"refreshToken": "random-secure-token"},
)
def refresh_token(body: Refresh) -> Reply[TokensReply]:
    """Trade a refresh token for a new access token and a new refresh token

    A refresh token is good for one use. Sent again within 20 seconds it yields the same successor; later it revokes
    every token that descends from the same sign-in.
    """
    try:
        presented = families.read(body.refreshToken)
        user, family = store.get_all([User.ref(id=presented.user_id), presented.ref])
        if user is None:
            raise INVALID_REFRESH_TOKEN()
        successor = families.rotate(presented, family)
    except InvalidRefreshToken:
        raise INVALID_REFRESH_TOKEN() from None
    renewed = Tokens(token=access_token(user), refreshToken=successor)
    return Reply(TokensReply(data=renewed), headers=NO_STORE)


@auth.get("/auth/whatsapp-status", needs={"whatsapp"})
def whatsapp_status() -> WhatsAppReply:
    """Whether codes go by WhatsApp; otherwise they go by SMS"""
    return WhatsAppReply(whatsapp=WhatsApp(status="connected" if whatsapp.takes_codes() else "disconnected"))
