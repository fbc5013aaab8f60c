"""⑤ 组织一次政企精准对接: who can answer, who meets whom, when and where."""
