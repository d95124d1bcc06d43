"""``cshis-bridge test-card``: virtual test cards (虛擬健保卡測試卡) of the insurer's test environment."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from pathlib import Path
from urllib.parse import urlsplit

import click

from bridge.calls.call import Argument, LegacyCall, LegacyResult, OutBuffer
from bridge.cli.running_bridge import Where, find, finding_options, shared
from bridge.cli.streams import json_text
from bridge.cli.through_bridge import by_channel
from bridge.engine.compose import open_engine
from bridge.errors import BridgeError, TableError
from bridge.table.default import default_table

APPLICATION = "06"  # service type (服務類別) of the signature under an application (a real client)
LARGEST = 32_767
PRODUCTION = "medvpndc.nhi.gov.tw"
TEST_ENVIRONMENT = "https://medvpndct.nhi.gov.tw"


@click.group(name="test-card")
def test_card() -> None:
    """Virtual test cards (虛擬健保卡測試卡) for trials, from the insurer's test environment."""


@test_card.command()
@click.option("--sex", type=click.Choice(["F", "M"]), required=True, help="性別")
@click.option("--birthday", required=True, metavar="YYYMMDD", help="出生日期, ROC date of 7 digits: 0920315")
@click.option("--foreigner", is_flag=True, help="外籍人士")
@finding_options
@click.option("-v", "--verbose", is_flag=True, help="Log what happens on the way to stderr.")
def apply(
    sex: str, birthday: str, foreigner: bool, config: Path | None, data_dir: Path | None, standalone: bool,
    verbose: bool,
) -> None:  # fmt: skip
    """Applies for a new card and prints what comes back, as JSON.

    It belongs to nobody. A hospital gets ten at most. The setting cloud.url must name the test environment
    (https://medvpndct.nhi.gov.tw, or a simulator); the SAM in use signs. Where a bridge runs it goes through
    that. Exit code 1 when it was refused.
    """
    logging.basicConfig(level=logging.INFO if verbose else logging.ERROR, stream=sys.stderr)
    arguments: dict[str, Argument] = {
        "sex": sex.encode("ascii"),
        "birthday": birthday.encode("ascii", "replace"),
        "isForeigner": int(foreigner),
        "reply": OutBuffer(LARGEST),
    }
    try:
        where = find(config, data_dir, standalone)
        _check_for_tests(where)
        result = asyncio.run(_call(LegacyCall(_row(), arguments), where))
    except BridgeError as error:
        raise click.ClickException(str(error)) from error
    _print(result)


def _row() -> str:
    """The name of the row that applies: the one that signs for it."""
    for row in default_table().functions.values():
        if any(step.signature and step.signature.service_type == APPLICATION for step in row.steps):
            return row.name
    raise TableError(["no row signs an application for a test card"])


def _check_for_tests(where: Where) -> None:
    if urlsplit(where.settings.cloud.url).hostname == PRODUCTION:
        which = "" if where.running is None else " of the running bridge"
        raise click.ClickException(
            f"cloud.url{which} is the production environment; set CSHIS_BRIDGE_CLOUD__URL={TEST_ENVIRONMENT}"
        )


async def _call(call: LegacyCall, where: Where) -> LegacyResult:
    if where.running is not None:
        return await by_channel(default_table(), where.settings, call)
    async with open_engine(shared(where.settings)) as engine:
        return await engine.call(call)


def _print(result: LegacyResult) -> None:
    if result.code != 0:
        meaning = default_table().statuses.meaning(result.code)
        raise click.ClickException(f"refused: {result.code} {meaning}".rstrip())
    reply = result.outputs["reply"]
    if not isinstance(reply, bytes):
        raise TypeError("the reply is no text")
    click.echo(json_text(json.loads(reply)))
