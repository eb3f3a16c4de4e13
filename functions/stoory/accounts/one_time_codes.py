"""One-time codes of the marketplace: made within the caps, sent by WhatsApp or else by SMS, and used."""

from quintet import log
from quintet.api import ErrorType
from quintet.auth import codes
from quintet.auth.codes import Cap, Policy, TooManyCodes, WrongCode
from quintet.providers import sms
from quintet.providers.errors import ProviderError, Rejected
from stoory.accounts import phones as otp_rules
from stoory.accounts import whatsapp

POLICY = Policy("otp", otp_rules.DIGITS, otp_rules.LIFETIME, otp_rules.TRIES, otp_rules.COOLDOWN)
RATE_LIMITED = ErrorType(400, "OTP_RATE_LIMITED", "Too many codes were requested, please try again later")
UNREACHABLE = ErrorType(400, "PHONE_UNREACHABLE", "No code can be sent to this phone number")
NOT_SENT = ErrorType(503, "OTP_NOT_SENT", "The code could not be sent, please try again later")
INVALID = ErrorType(400, "INVALID_OTP", "Invalid or expired OTP")


def send(phone: str, ip: str) -> None:
    """Send a new code to a normalised phone, asked for from `ip`; the one before is dead from then on.

    The same work whether or not anybody is registered with the phone. Raises the errors above.
    """
    caps = [Cap(cap.what, cap.most, cap.per) for cap in otp_rules.caps(phone, ip)]
    try:
        code = codes.new_code(POLICY, phone, caps)
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


def _deliver(phone: str, code: str) -> None:
    if whatsapp.connected():
        try:
            whatsapp.send_code(phone, code)
        except ProviderError:
            log.logger().warning("code not sent by WhatsApp, sending it by SMS", exc_info=True)
        else:
            return
    minutes = otp_rules.LIFETIME // 60
    sms.send_sms(phone, f"{code} is your Stoory code. It is good for {minutes} minutes. Share it with nobody.")
