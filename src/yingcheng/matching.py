"""⑤ With the settings of a programme: who could answer what, and who meets whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from yingcheng.capabilities import Enterprise
from yingcheng.errors import Infeasible, SettingsError
from yingcheng.i18n import _
from yingcheng.intake import Intake
from yingcheng.matchmaking.affinity import Market, load_model
from yingcheng.matchmaking.affinity.encoders import cache_file, open_encoder
from yingcheng.matchmaking.assignment import (
    Choice,
    Goal,
    Side,
    accounts,
    choose_pairs,
    frontier,
    proof_of,
    why_not,
)
from yingcheng.matchmaking.naming import make_terms, with_names
from yingcheng.matchmaking.records import Assignment, Candidates, NotChosen
from yingcheng.opportunities import Opportunity, OpportunityList
from yingcheng.settings import SETTINGS_FILE, Settings

__all__ = ["explained", "make_choice", "make_market"]


def make_market(intake: Intake, listed: OpportunityList, settings: Settings, *, folder: Path) -> Market:
    """The opportunities to be matched and the enterprises, with the model the settings name.

    Raises:
        SettingsError: the model file is missing or wrong, or so is the encoder's folder, or they do not go together.
        MissingExtra: the encoder is not installed.
    """
    model = load_model(folder / settings.model) if settings.model else None
    if model is not None and model.meaning != bool(settings.encoder):
        raise SettingsError(
            _("匹配模型与 encoder 设置不一致：模型学习时{told}词义，现在{now}。").format(
                told=_("计入") if model.meaning else _("未计"), now=_("计入") if settings.encoder else _("未计")
            ),
            where=settings.model,
            remedy=_("请用现在的设置重新运行 yingcheng learn，或删去 model。"),
        )
    encoder = open_encoder(settings.encoder, folder=folder, cache=cache_file()) if settings.encoder else None
    return Market(listed.distinct, intake.enterprises, as_of=settings.as_of, model=model, encoder=encoder)


def make_choice(
    candidates: Candidates,
    opportunities: Sequence[Opportunity],
    enterprises: Sequence[Enterprise],
    settings: Settings,
    *,
    told: Callable[[float], None] = lambda _share: None,
) -> Choice:
    """The pairs that meet, by the limits and wishes of the settings.

    Raises:
        SettingsError: a wish names nobody.
        Infeasible: wishes, limits or quotas contradict each other.
    """
    terms = make_terms(
        settings.wishes,
        opportunities,
        enterprises,
        per_opportunity=settings.per_opportunity,
        per_enterprise=settings.per_enterprise,
        enterprise_minimum=settings.enterprise_minimum,
        where=SETTINGS_FILE,
    )
    side = None if settings.fair == "none" else cast("Side", settings.fair)
    goal = Goal(side, settings.fair_price, settings.fair_depth, settings.lottery)
    try:
        return choose_pairs(candidates.edges, terms, goal, told=told)
    except Infeasible as fault:
        parties: tuple[Opportunity | Enterprise, ...] = (*opportunities, *enterprises)
        names = {party.id: party.name for party in parties}
        raise Infeasible(
            with_names(fault.what, names),
            where=SETTINGS_FILE,
            remedy=fault.remedy,
            core=tuple(with_names(sentence, names) for sentence in fault.core),
        ) from None


def explained(choice: Choice, candidates: Candidates) -> Assignment:
    """The choice with what explains it: accounts, frontier, why not, proof."""
    return replace(
        choice.assignment,
        accounts=accounts(choice),
        frontier=frontier(choice) if choice.goal.side else (),
        not_chosen=tuple(
            NotChosen(edge.opportunity_id, edge.enterprise_id, why)
            for edge in candidates.edges
            if (why := why_not(choice, (edge.opportunity_id, edge.enterprise_id)))
        ),
        proof=proof_of(choice),
    )
