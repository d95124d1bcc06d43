#!/usr/bin/env bash
# MariaDB 10.11 and PostgreSQL 15: their Big5 is the old table of the Unicode consortium, not Windows' page, without ‧ ／ and ～.
#
# Behaviour: neither has a code page 950. Of the 13,503 codes of Windows' page (as ICU has it; without those for drawn characters,
#   造字) both read 53 otherwise: ‧ (A145), which stands in names of indigenous people (原住民), is • for them, ～ (A1E3) is ∼,
#   and ／ (A1FE), ＼, ￣, ˍ, ╴ and the second codes of 十 and 卅 are U+FFFD, the sign for "no character", without an error.
#   € and 34 signs for boxes are missing: MariaDB reads them as `?`, PostgreSQL refuses them. Written to Big5, ‧ and ～ are `?` in
#   MariaDB (an error in strict mode), an error in PostgreSQL. Of 6,217 codes for drawn characters both read 249 (C6A1 to C7FC)
#   as kana, Cyrillic letters and numbers in circles; PostgreSQL refuses all others, MariaDB has 159 more as `?`.
# Seen (codes read; read otherwise than by ICU, refused ones among them; drawn characters read as others; ‧ and ～ written):
#   mariadb    53 249 3F 3F
#   postgresql 53 249 22P05 22P05
# What it means here: a name that came from the bridge as code page 950 must not go into a column of MariaDB's big5, nor through a
#   PostgreSQL client of client_encoding BIG5 (an ODBC driver for ANSI programs sets it): keep it as bytes, or as UTF-8, which the
#   HTTP doors give. The bridge itself keeps no texts of people in a database.
# Needs mariadb-server (10.11), postgresql-15, node with full ICU (20); started for this alone, without a port. Exit 1 if the
# behaviour has changed.
set -euo pipefail
work=$(mktemp -d)
chmod 777 "$work"
postgres=/usr/lib/postgresql/15/bin
as_postgres() { su postgres -c "$1" >/dev/null 2>&1; }
stop() {
  mariadb-admin -S "$work/my.sock" shutdown 2>/dev/null || true
  as_postgres "$postgres/pg_ctl -D $work/pg -m fast -w stop" || true
  rm -rf "$work"
}
trap stop EXIT
cd "$work"

cat > codes.js <<'JS'
const icu = new TextDecoder('big5', {fatal: true}); // Windows' page, as databases do not have it
for (let first = 0x81; first <= 0xfe; first++)
  for (let second = 0x40; second <= 0xfe; second++) {
    if (second > 0x7e && second < 0xa1) continue;
    let text;
    try { text = icu.decode(Buffer.from([first, second])); } catch { continue; }
    const drawn = /^[\ue000-\uf8ff]/.test(text);
    console.log(`${Buffer.from([first, second]).toString('hex')}\t${Buffer.from(text).toString('hex')}\t${drawn ? 1 : 0}`);
  }
JS
node codes.js >codes

mariadb-install-db --no-defaults --user=root --datadir="$work/my" --auth-root-authentication-method=normal >/dev/null 2>&1
mariadbd --no-defaults --user=root --datadir="$work/my" --skip-networking --socket="$work/my.sock" >my.log 2>&1 &
for _ in $(seq 100); do mariadb-admin -S my.sock ping >/dev/null 2>&1 && break || sleep 0.2; done
my() { mariadb -S my.sock --default-character-set=utf8mb4 -Ns --force "$@" 2>/dev/null || true; }
awk '{print "select \"" $1 "\", lower(hex(convert(_big5 x\"" $1 "\" using utf8mb4)));"}' codes | tr '"' "'" | my >mariadb
my -e "select hex(convert('‧' using big5)), hex(convert('～' using big5))" | tr '\t' ' ' >mariadb.writes

mkdir pg && chown postgres pg
as_postgres "$postgres/initdb -D $work/pg -E UTF8 --locale=C.UTF-8 -A trust"
as_postgres "$postgres/pg_ctl -D $work/pg -o \"-c listen_addresses='' -c unix_socket_directories=$work\" -w -l $work/pg.log start"
pg() { psql -h "$work" -U postgres -AtXq -F $'\t' "$@"; }
pg <<'SQL'
create function read_as(code text) returns text language plpgsql as $$ begin
  return encode(convert_to(convert_from(decode(code, 'hex'), 'BIG5'), 'UTF8'), 'hex');
exception when others then return sqlstate; end $$;
create function written(what text) returns text language plpgsql as $$ begin
  return upper(encode(convert_to(what, 'BIG5'), 'hex'));
exception when others then return sqlstate; end $$;
create table codes (code text, text text, drawn text);
SQL
pg -c "\\copy codes from $work/codes"
pg -c 'select code, read_as(code) from codes' >postgresql
pg -F ' ' -c "select written('‧'), written('～')" >postgresql.writes

for database in mariadb postgresql; do
  echo "$database $(awk -F'\t' '
    NR == FNR { read[$1] = $2; next }
    $3 == 0 && read[$1] != $2 { otherwise++ }
    $3 == 1 && ($1 >= "c6a1" && $1 <= "c7fc") && read[$1] ~ /^[0-9a-f]+$/ && read[$1] != "3f" && read[$1] != $2 { others++ }
    END { print otherwise, others }' "$database" codes) $(cat "$database.writes")"
done >seen
cat seen
expected='mariadb 53 249 3F 3F
postgresql 53 249 22P05 22P05'
[ "$(cat seen)" = "$expected" ] || { echo "the behaviour has changed" >&2; exit 1; }
