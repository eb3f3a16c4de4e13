"""The audit log as administrators see it: all of it under `/admin`, what is about access under `/rbac`."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from quintet.api import Binary, ErrorType, Reply, Request
from quintet.api.reply import JSON
from quintet.models import Line, Page
from quintet.models.time import as_utc, read_instant
from quintet.store import until_settled
from softfactory.access.callers import AdminReader, RbacReader
from softfactory.audit import exports, sequencer
from softfactory.audit.exports import MOST, Format, Wanted
from softfactory.audit.reading import EntryReply, Filter, entries, entry, is_access
from softfactory.lists import ListQuery
from softfactory.people.fields import Id
from softfactory.service import api, store
from softfactory.trail.log import Act, record
