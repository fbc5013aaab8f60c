"""Who meets whom: the fewest unmet minimums, then the highest floor, then the highest total, each with its proof.

``terms`` says what an organiser may ask for and makes arrays of it, ``problem`` holds them. ``needs`` finds the fewest
unmet minimums, ``flow`` the highest total, ``floor`` how high the worst-off can be raised; ``decomposition`` gives the
bounds above floors, ``rounding`` the choices; ``solver`` is their order. ``certificate`` checks an answer without any
of them. ``pairs`` speaks of opportunities and enterprises, ``explain`` says why, ``conflict`` what contradicts what,
``reassign`` changes little after a change, ``proof`` is the file that carries a choice with its prices.
"""

from yingcheng.matchmaking.assignment.certificate import check
from yingcheng.matchmaking.assignment.explain import accounts, frontier, why_not
from yingcheng.matchmaking.assignment.pairs import Choice, choose_pairs, verify
from yingcheng.matchmaking.assignment.problem import Problem, Rule, Side, Solution
from yingcheng.matchmaking.assignment.proof import proof_of, read_proof, verify_proof
from yingcheng.matchmaking.assignment.reassign import Reassigned, reassign
from yingcheng.matchmaking.assignment.solver import Goal, solve
from yingcheng.matchmaking.assignment.terms import Quota, Terms

__all__ = [
    "Choice",
    "Goal",
    "Problem",
    "Quota",
    "Reassigned",
    "Rule",
    "Side",
    "Solution",
    "Terms",
    "accounts",
    "check",
    "choose_pairs",
    "frontier",
    "proof_of",
    "read_proof",
    "reassign",
    "solve",
    "verify",
    "verify_proof",
    "why_not",
]
