"""The ledger's tables and statements, in SQL that SQLite and Postgres both read.

Times are ISO 8601 text in UTC: they sort, and their first 13, 10 and 7 characters name the hour, day and month.
"""

from agentkit.calls import LedgerKey

COLUMNS = (
    "time, run, tenant, matter, role, task, model, deployment, input_tokens, cached_tokens, output_tokens, "
    "cost_usd, latency_ms, outcome, billed"
)
TABLES = (
    """CREATE TABLE IF NOT EXISTS calls (
    id {serial}, time TEXT NOT NULL, run TEXT NOT NULL, tenant TEXT NOT NULL, matter TEXT NOT NULL,
    role TEXT NOT NULL, task TEXT NOT NULL, model TEXT NOT NULL, deployment TEXT NOT NULL,
    input_tokens BIGINT NOT NULL, cached_tokens BIGINT NOT NULL, output_tokens BIGINT NOT NULL,
    cost_usd DOUBLE PRECISION NOT NULL, latency_ms DOUBLE PRECISION NOT NULL, outcome TEXT NOT NULL,
    billed TEXT NOT NULL CHECK (billed IN ('no', 'yes', 'unknown')))""",
    "CREATE INDEX IF NOT EXISTS calls_by_time ON calls (time)",
    "CREATE INDEX IF NOT EXISTS calls_by_run ON calls (run)",
    """CREATE TABLE IF NOT EXISTS holds (
    id TEXT PRIMARY KEY, tenant TEXT NOT NULL, usd DOUBLE PRECISION NOT NULL, tokens BIGINT NOT NULL,
    calls BIGINT NOT NULL, worst TEXT NOT NULL, host TEXT NOT NULL, pid BIGINT NOT NULL, started TEXT NOT NULL,
    expires TEXT NOT NULL)""",
    # What a period's rows add up to, kept by a trigger: an admission reads one line and not a month of rows.
    """CREATE TABLE IF NOT EXISTS spent (
    period TEXT NOT NULL, scope TEXT NOT NULL, usd DOUBLE PRECISION NOT NULL, tokens BIGINT NOT NULL,
    calls BIGINT NOT NULL, PRIMARY KEY (period, scope))""",
)
COUNT_ROW = """INSERT INTO spent (period, scope, usd, tokens, calls) VALUES
    (substr(NEW.time, 1, 13), '', NEW.cost_usd, NEW.input_tokens + NEW.output_tokens, 1),
    (substr(NEW.time, 1, 13), NEW.tenant, NEW.cost_usd, NEW.input_tokens + NEW.output_tokens, 1),
    (substr(NEW.time, 1, 10), '', NEW.cost_usd, NEW.input_tokens + NEW.output_tokens, 1),
    (substr(NEW.time, 1, 10), NEW.tenant, NEW.cost_usd, NEW.input_tokens + NEW.output_tokens, 1),
    (substr(NEW.time, 1, 7), '', NEW.cost_usd, NEW.input_tokens + NEW.output_tokens, 1),
    (substr(NEW.time, 1, 7), NEW.tenant, NEW.cost_usd, NEW.input_tokens + NEW.output_tokens, 1)
    ON CONFLICT (period, scope) DO UPDATE SET
    usd = spent.usd + excluded.usd, tokens = spent.tokens + excluded.tokens, calls = spent.calls + excluded.calls"""
_REFUSAL = "the ledger is append-only"
SQLITE = (
    *(table.format(serial="INTEGER PRIMARY KEY AUTOINCREMENT") for table in TABLES),
    f"CREATE TRIGGER IF NOT EXISTS calls_counted AFTER INSERT ON calls WHEN NEW.outcome <> 'cache_hit' "
    f"BEGIN {COUNT_ROW}; END",
    f"CREATE TRIGGER IF NOT EXISTS calls_kept BEFORE UPDATE ON calls BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",
    f"CREATE TRIGGER IF NOT EXISTS calls_stay BEFORE DELETE ON calls BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",
    # REPLACE deletes without asking the trigger above.
    "CREATE TRIGGER IF NOT EXISTS calls_not_replaced BEFORE INSERT ON calls WHEN "
    "EXISTS (SELECT 1 FROM calls WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END",
)
POSTGRES = (
    *(table.format(serial="BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY") for table in TABLES),
    "CREATE OR REPLACE FUNCTION agentkit_count_call() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN {COUNT_ROW}; RETURN NULL; END $$",
    "CREATE OR REPLACE FUNCTION agentkit_keep_call() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$",
    "CREATE OR REPLACE TRIGGER calls_counted AFTER INSERT ON calls FOR EACH ROW "
    "WHEN (NEW.outcome <> 'cache_hit') EXECUTE FUNCTION agentkit_count_call()",
    "CREATE OR REPLACE TRIGGER calls_kept BEFORE UPDATE OR DELETE ON calls FOR EACH ROW "
    "EXECUTE FUNCTION agentkit_keep_call()",
    "CREATE OR REPLACE TRIGGER calls_stay BEFORE TRUNCATE ON calls EXECUTE FUNCTION agentkit_keep_call()",
)
INSERT_ROW = f"INSERT INTO calls ({COLUMNS}) VALUES ({', '.join('?' * 15)})"  # noqa: S608 - constants
INSERT_HOLD = (
    "INSERT INTO holds (id, tenant, usd, tokens, calls, worst, host, pid, started, expires) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET usd = excluded.usd, "
    "tokens = excluded.tokens, calls = excluded.calls, worst = excluded.worst, expires = excluded.expires"
)
DELETE_HOLD = "DELETE FROM holds WHERE id = ?"
HOLDS = "SELECT id, worst, host, pid, started, expires FROM holds"
# What counts against a limit: the rows of the period, and every hold that is open.
TAKEN = (
    "SELECT usd, tokens, calls FROM spent WHERE period = ? AND scope = ? UNION ALL "
    "SELECT COALESCE(SUM(usd), 0.0), CAST(COALESCE(SUM(tokens), 0) AS BIGINT), CAST(COALESCE(SUM(calls), 0) AS BIGINT) "
    "FROM holds WHERE id <> ? AND (? = '' OR tenant = ?)"
)
_CHOSEN = "time >= ? AND time < ? AND (? = '' OR tenant = ?) AND (? = '' OR run = ?)"
ROWS = f"SELECT {COLUMNS} FROM calls WHERE {_CHOSEN} ORDER BY time, id"  # noqa: S608 - constants
_KEYS: dict[LedgerKey, str] = {
    "day": "substr(time, 1, 10)",
    "tenant": "tenant",
    "role": "role",
    "model": "model",
    "run": "run",
    "deployment": "CASE WHEN deployment = '' THEN model ELSE deployment END",
}
_MADE = "outcome <> 'cache_hit'"


def totals(by: LedgerKey) -> str:
    """Return the statement that adds rows up by a key; its parameters are those of `ROWS`."""
    sums = ", ".join(
        f"CAST(SUM(CASE WHEN {condition} THEN {what} ELSE 0 END) AS {kind})"
        for condition, what, kind in (
            (_MADE, "1", "BIGINT"),
            (f"{_MADE} AND outcome <> 'ok'", "1", "BIGINT"),
            ("outcome = 'cache_hit'", "1", "BIGINT"),
            (_MADE, "input_tokens", "BIGINT"),
            (_MADE, "cached_tokens", "BIGINT"),
            (_MADE, "output_tokens", "BIGINT"),
            (_MADE, "cost_usd", "DOUBLE PRECISION"),
            ("billed = 'unknown'", "cost_usd", "DOUBLE PRECISION"),
        )
    )
    key = _KEYS[by]
    return f"SELECT {key}, {sums} FROM calls WHERE {_CHOSEN} GROUP BY {key} ORDER BY {key}"  # noqa: S608 - constants
