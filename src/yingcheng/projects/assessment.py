"""The score sheet (考核办法) as data: a TOML file with formulas, evaluated over the ledger, each figure opening to its rows.

A complete file::

    title = "招商引资季度考核（示例）"
    source = "某市招商引资工作考核办法（文号）"   # where the formulas were published
    effective = 2025-01-01                     # in force from

    [period]                                   # optional: only stages reached between these days count
    start = 2026-01-01
    end = 2026-03-31

    [targets]                                  # plain numbers; each key becomes a name for the formulas
    新引进项目数目标 = 12
    签约金额目标 = 60                            # amounts are in 亿元

    [given.弄虚作假项目数]                        # figures the ledger does not hold
    value = 0
    source = "督查通报"

    [[quantities]]                             # optional: further counts and sums over the ledger
    name = "十亿元以上签约项目数"
    stage = "签约"                              # projects that reached it; left out: every project
    measure = "个数"                            # 个数 (default) / 计划投资 / 到位资金 / 日期数
    at_least = 10                              # planned investment in 亿元, inclusive
    below = 50                                 # exclusive

    [[lines]]
    name = "新引进项目数"
    formula = "新引进项目数 ÷ 新引进项目数目标 × 30"
    full = 30                                  # full points, counted in the full score
    cap = 30                                   # optional: no more than this (default: full)
    floor = 0                                  # optional: no less than this (default: none)
    source = "第三条"                           # optional

    [[lines]]
    name = "重大项目加分"
    formula = "十亿元以上签约项目数 × 4"
    cap = 8                                    # without full: a bonus (or, with a negative formula, a deduction)

Formulas may use numbers, percentages (``50%``), ``+ - * / × ÷``, brackets of every kind, ``min(…)`` and ``max(…)`` (also
``最小值 最大值``), the names of ``[targets]``, ``[given]`` and ``[[quantities]]``, the names of other rates, and the ledger's own
quantities (``data/quantities.toml``): 项目数 对接个数 意向数 签约个数 注册个数 开工个数 投产个数 达效个数 签约金额 计划投资额 实际到位资金
新引进项目数 契合项目数 对接场次 超时限未开工项目数 搁置项目数 终止项目数 签约率 履约率 开工率 投产率 资金到位率. Amounts are in 亿元, rates are shares (0 … 1).
A quantity nobody reported is unknown: its line has no points rather than 0.
"""
