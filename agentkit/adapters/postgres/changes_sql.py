"""What is asked of Postgres to follow its tables."""

SERVER = "SELECT system_identifier::text AS system, current_database() AS database FROM pg_control_system()"
SLOT = "SELECT wal_status, confirmed_flush_lsn, active_pid FROM pg_replication_slots WHERE slot_name = $1"
END = "SELECT pg_current_wal_flush_lsn()"
PEEK = (
    "SELECT data FROM pg_logical_slot_peek_binary_changes($1, $2::pg_lsn, $3::int, "
    "'proto_version', '1', 'publication_names', $4::text)"
)
ADVANCE = (
    "SELECT pg_replication_slot_advance(slot_name, $2::pg_lsn) FROM pg_replication_slots "
    "WHERE slot_name = $1 AND confirmed_flush_lsn < $2::pg_lsn"
)
LAG = (
    "SELECT wal_status, pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)::bigint AS behind, "
    "pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint AS kept FROM pg_replication_slots WHERE slot_name = $1"
)
UNREAD = (
    "SELECT slot_name AS name, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint AS kept "
    "FROM pg_replication_slots s WHERE database = current_database() AND NOT active AND NOT EXISTS "
    "(SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE l.locktype = 'advisory' AND l.objsubid = 1 "
    "AND d.datname = s.database AND ((l.classid::bigint << 32) | l.objid::bigint) = hashtextextended(slot_name, 0)) "
    "ORDER BY slot_name"
)
"""Whoever follows one of ours holds a lock of its name: the slot itself is in use for moments only."""
PUBLISHED = "SELECT count(*) FROM pg_publication WHERE pubname = $1"
PUBLICATION = "SELECT schemaname || '.' || tablename AS name, rowfilter FROM pg_publication_tables WHERE pubname = $1"
COMPLETE = "SELECT pubinsert AND pubupdate AND pubdelete AND pubtruncate FROM pg_publication WHERE pubname = $1"
TABLE = (
    "SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relreplident::text AS identity, c.relkind::text AS kind "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1)"
)
THERE = (
    "SELECT wanted.name, to_regclass(wanted.place)::oid::bigint AS oid, EXISTS (SELECT FROM pg_publication_tables t "
    "WHERE t.pubname = $3 AND t.schemaname || '.' || t.tablename = wanted.name AND t.rowfilter IS NULL) AS published "
    "FROM unnest($1::text[], $2::text[]) AS wanted (name, place)"
)
COLUMNS = (
    "SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute "
    "WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
)
IDENTITY = (
    "SELECT a.attname AS name, i.indisprimary AS primary, i.indisreplident AS chosen FROM pg_index i "
    "JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place) ON true "
    "JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum "
    "WHERE i.indrelid = $1::oid AND (i.indisprimary OR i.indisreplident) ORDER BY i.indexrelid, k.place"
)


def quoted(name: str) -> str:
    """Return a name as Postgres reads it, whatever characters it has."""
    return '"' + name.replace('"', '""') + '"'


def as_text(column: str) -> str:
    """Return what gives a column's value as the log would: by its type's output, which a cast to text may not be."""
    name = quoted(column)
    return f"CASE WHEN {name} IS NULL THEN NULL ELSE format('%s', {name}) END AS {name}"
