"""One-time codes by phone: made within caps, so that nobody is paid to make us send, by WhatsApp or else by SMS."""

from quintet import log
from quintet.api import ErrorType
from quintet.auth import codes
from quintet.auth.codes import Cap, Policy, TooManyCodes, WrongCode
from quintet.providers import sms, whatsapp
from quintet.providers.errors import ProviderError, Rejected
from stoory.accounts.phones import INTERNATIONAL, country_prefix, region

LIFETIME = 300
"""Seconds a code lives."""
POLICY = Policy("otp", digits=6, lifetime=LIFETIME, tries=5, cooldown=30)

PER_PHONE, PER_IP = 5, 20
HOME = "91"
PER_HOME, PER_COUNTRY, PER_UNASSIGNED = 2000, 100, 10
"""Codes an hour."""

RATE_LIMITED = ErrorType(400, "OTP_RATE_LIMITED", "Too many codes were requested, please try again later")
UNREACHABLE = ErrorType(400, "PHONE_UNREACHABLE", "No code can be sent to this phone number")
NOT_SENT = ErrorType(503, "OTP_NOT_SENT", "The code could not be sent, please try again later")
INVALID = ErrorType(400, "INVALID_OTP", "Invalid or expired OTP")


def send(phone: str, ip: str) -> None:
    """Send a new code to a normalised phone, asked for from `ip`; the one before is dead from then on.

    The same work whether or not anybody is registered with the phone. Raises the errors above.
    """
    try:
        code = codes.new_code(POLICY, phone, caps(phone, ip))
    except TooManyCodes as refused:
        raise RATE_LIMITED(headers={"Retry-After": str(refused.retry_after)}) from None
    try:
        _deliver(phone, code)
    except Rejected as error:
        raise UNREACHABLE() from error
    except ProviderError as error:
        raise NOT_SENT() from error


def use(phone: str, code: str) -> None:
    """Spend a phone's code; raises 400 unless it is the live one."""
    try:
        codes.use_code(POLICY, phone, code)
    except WrongCode:
        raise INVALID() from None


def caps(phone: str, ip: str) -> list[Cap]:
    """Everything one more code to `phone`, asked for from `ip`, counts against; all must hold.

    The cap per country stops fraud that spreads over many numbers and addresses (traffic pumped to
    numbers that earn their owner a share). The home market's is wide, so that it stays out of the way;
    numbers of no country, satellite and shared-cost networks, where such numbers are cheapest, get little.
    """
    prefix = country_prefix(phone)
    return [Cap(f"phone:{phone}", PER_PHONE), Cap(f"ip:{ip}", PER_IP), Cap(f"prefix:{prefix}", _most(prefix))]


def _deliver(phone: str, code: str) -> None:
    if whatsapp.takes_codes():
        try:
            whatsapp.send_code(phone, code)
        except ProviderError:
            log.logger().warning("code not sent by WhatsApp, sending it by SMS", exc_info=True)
        else:
            return
    minutes = LIFETIME // 60
    sms.send_sms(phone, f"{code} is your Stoory code. It is good for {minutes} minutes. Share it with nobody.")


def _most(prefix: str) -> int:
    if prefix == HOME:
        return PER_HOME
    return PER_UNASSIGNED if region(prefix) in {None, INTERNATIONAL} else PER_COUNTRY
