"""The ids of the rules of lint, which project files may name. `lint.rules` has the rules; a test compares the two."""

RULE_IDS = (
    *("SW001", "SW002", "SW003", "SW004"),
    *("SW101", "SW102", "SW103", "SW104", "SW105", "SW106", "SW107", "SW108", "SW109", "SW110", "SW111", "SW112"),
    *("SW201", "SW202", "SW203", "SW204", "SW205", "SW206"),
    *("SW301", "SW302", "SW303", "SW304", "SW305"),
    *("SW401", "SW402", "SW403", "SW404"),
    *("SW501", "SW502", "SW503"),
)
