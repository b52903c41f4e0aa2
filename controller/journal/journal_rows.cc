#include "controller/journal/journal_rows.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "common/base/errors.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"

namespace tutti::controller {
namespace {

constexpr uint64_t kSchemaVersion = 4;
constexpr size_t kFingerprintBytes = 32;

// AUTOINCREMENT: the number of a removed job is never given again.
constexpr char kSchema[] = R"(
BEGIN IMMEDIATE;
CREATE TABLE jobs (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid BLOB NOT NULL UNIQUE,
  job BLOB NOT NULL);
CREATE TABLE attempts (
  job INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
  attempt INTEGER NOT NULL,
  content BLOB NOT NULL,
  PRIMARY KEY (job, attempt)) WITHOUT ROWID;
CREATE TABLE assigned (
  job INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
  task INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  PRIMARY KEY (job, task, attempt)) WITHOUT ROWID;
CREATE TABLE outcomes (
  job INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
  task INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  outcome BLOB NOT NULL,
  PRIMARY KEY (job, task, attempt)) WITHOUT ROWID;
CREATE TABLE steering (
  job INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
  attempt INTEGER NOT NULL,
  content BLOB NOT NULL,
  PRIMARY KEY (job, attempt)) WITHOUT ROWID;
CREATE TABLE agents (
  name TEXT NOT NULL PRIMARY KEY,
  key_fingerprint BLOB NOT NULL,
  agent BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE tokens (
  id TEXT NOT NULL PRIMARY KEY,
  token BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE groups (
  name TEXT NOT NULL PRIMARY KEY,
  content BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE set_aside (
  source TEXT NOT NULL,
  key TEXT NOT NULL,
  content BLOB NOT NULL);
PRAGMA user_version = 4;
COMMIT;
)";

// From one version to the next.
struct Upgrade {
  uint64_t from;
  const char* statements;
};

constexpr Upgrade kUpgrades[] = {
    {2, R"(
BEGIN IMMEDIATE;
ALTER TABLE steering ADD COLUMN approved INTEGER NOT NULL DEFAULT 0;
PRAGMA user_version = 3;
COMMIT;
)"},
    // The content of steering is a JournaledSteering: of each flag that is set
    // its tag and a 1.
    {3, R"(
BEGIN IMMEDIATE;
CREATE TABLE attempts (
  job INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
  attempt INTEGER NOT NULL,
  content BLOB NOT NULL,
  PRIMARY KEY (job, attempt)) WITHOUT ROWID;
ALTER TABLE steering RENAME TO older_steering;
CREATE TABLE steering (
  job INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
  attempt INTEGER NOT NULL,
  content BLOB NOT NULL,
  PRIMARY KEY (job, attempt)) WITHOUT ROWID;
INSERT INTO steering SELECT job, 1, CAST(
  iif(held, char(8, 1), '') || iif(stopping, char(16, 1), '') ||
  iif(removing, char(24, 1), '') || iif(approved, char(32, 1), '') AS BLOB)
  FROM older_steering;
DROP TABLE older_steering;
CREATE TABLE groups (
  name TEXT NOT NULL PRIMARY KEY,
  content BLOB NOT NULL) WITHOUT ROWID;
PRAGMA user_version = 4;
COMMIT;
)"},
};

template <typename Message>
bool Parse(std::string_view bytes, Message& message) {
  return message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

// Moves one row out of `table`, so that it neither is read again nor lost.
absl::Status SetAside(SqliteDatabase& database, std::string_view table,
                      std::string_view where, std::string_view content_column,
                      std::string_view key) {
  log::Error(
      "journal: a row of {} ({}) can not be understood; it is set aside in the "
      "table set_aside, everything else is kept",
      table, key);
  const std::string statements[] = {
      fmt::format("INSERT INTO set_aside SELECT '{}', ?1, {} FROM {} WHERE {}",
                  table, content_column, table, where),
      fmt::format("DELETE FROM {} WHERE {}", table, where)};
  for (const std::string& text : statements) {
    TUTTI_ASSIGN_OR_RETURN(SqliteStatement statement, database.Prepare(text));
    statement.BindText(1, key);
    TUTTI_RETURN_IF_ERROR(statement.Run());
  }
  return absl::OkStatus();
}

// How a table is read. `key_column` is SQL that names a row as text; the query
// has a place for it as its first column. `read_row` takes the current row and
// says whether it could be understood.
struct TableReader {
  const char* table;
  const char* query;
  const char* key_column;
  const char* content_column;
  absl::AnyInvocable<bool(const SqliteStatement&)> read_row;
};

absl::Status ReadTable(SqliteDatabase& database, TableReader reader) {
  std::vector<std::string> damaged;
  TUTTI_ASSIGN_OR_RETURN(SqliteStatement statement,
                         database.Prepare(fmt::format(
                             fmt::runtime(reader.query), reader.key_column)));
  while (true) {
    TUTTI_ASSIGN_OR_RETURN(const bool found, statement.Step());
    if (!found) break;
    if (!reader.read_row(statement)) {
      damaged.emplace_back(statement.Bytes(0));
    }
  }
  for (const std::string& key : damaged) {
    TUTTI_RETURN_IF_ERROR(SetAside(database, reader.table,
                                   fmt::format("{} = ?1", reader.key_column),
                                   reader.content_column, key));
  }
  return absl::OkStatus();
}

constexpr char kTaskKey[] = "job || '/' || task || '/' || attempt";

absl::Status ReadJobs(SqliteDatabase& database, JournalContents& contents) {
  return ReadTable(
      database,
      {"jobs", "SELECT {}, number, uuid, job FROM jobs ORDER BY number",
       "CAST(number AS TEXT)", "job", [&](const SqliteStatement& row) {
         JournalBatch::NewJob job;
         job.number = row.Integer(1);
         absl::StatusOr<Uuid> uuid = Uuid::FromBytes(row.Bytes(2));
         if (!uuid.ok() || !Parse(row.Bytes(3), job.job)) return false;
         job.uuid = *uuid;
         contents.jobs.push_back(std::move(job));
         return true;
       }});
}

constexpr char kAttemptKey[] = "job || '/' || attempt";

absl::Status ReadAttempts(SqliteDatabase& database, JournalContents& contents) {
  TUTTI_RETURN_IF_ERROR(ReadTable(
      database,
      {"attempts",
       "SELECT {}, job, attempt, content FROM attempts ORDER BY job, attempt",
       kAttemptKey, "content", [&](const SqliteStatement& row) {
         JournalBatch::NewAttempt attempt;
         attempt.job_number = row.Integer(1);
         attempt.attempt = static_cast<uint32_t>(row.Integer(2));
         if (!Parse(row.Bytes(3), attempt.job)) return false;
         contents.attempts.push_back(std::move(attempt));
         return true;
       }}));
  return ReadTable(
      database,
      {"steering",
       "SELECT {}, job, attempt, content FROM steering ORDER BY job, attempt",
       kAttemptKey, "content", [&](const SqliteStatement& row) {
         JournalBatch::Steering steering;
         steering.job_number = row.Integer(1);
         steering.attempt = static_cast<uint32_t>(row.Integer(2));
         if (!Parse(row.Bytes(3), steering.steering)) return false;
         contents.steering.push_back(std::move(steering));
         return true;
       }});
}

absl::Status ReadTasks(SqliteDatabase& database, JournalContents& contents) {
  TUTTI_RETURN_IF_ERROR(ReadTable(
      database,
      {"assigned",
       "SELECT {}, job, task, attempt FROM assigned ORDER BY job, task",
       kTaskKey, "x''", [&](const SqliteStatement& row) {
         contents.assigned.push_back({row.Integer(1),
                                      static_cast<uint32_t>(row.Integer(2)),
                                      static_cast<uint32_t>(row.Integer(3))});
         return true;
       }}));
  return ReadTable(database,
                   {"outcomes",
                    "SELECT {}, job, task, attempt, outcome FROM outcomes "
                    "ORDER BY job, task, attempt",
                    kTaskKey, "outcome", [&](const SqliteStatement& row) {
                      JournalBatch::Outcome outcome;
                      outcome.job_number = row.Integer(1);
                      outcome.task = static_cast<uint32_t>(row.Integer(2));
                      outcome.attempt = static_cast<uint32_t>(row.Integer(3));
                      if (!Parse(row.Bytes(4), outcome.outcome)) return false;
                      contents.outcomes.push_back(std::move(outcome));
                      return true;
                    }});
}

absl::Status ReadGroups(SqliteDatabase& database, JournalContents& contents) {
  return ReadTable(
      database, {"groups", "SELECT {}, name, content FROM groups ORDER BY name",
                 "name", "content", [&](const SqliteStatement& row) {
                   JournalBatch::Group group;
                   group.name = row.Bytes(1);
                   if (!Parse(row.Bytes(2), group.group)) return false;
                   contents.groups.push_back(std::move(group));
                   return true;
                 }});
}

absl::Status ReadFleet(SqliteDatabase& database, JournalContents& contents) {
  TUTTI_RETURN_IF_ERROR(ReadTable(
      database,
      {"agents",
       "SELECT {}, name, key_fingerprint, agent FROM agents ORDER BY name",
       "name", "agent", [&](const SqliteStatement& row) {
         JournalBatch::Agent agent;
         agent.name = row.Bytes(1);
         agent.key_fingerprint = row.Bytes(2);
         if (agent.key_fingerprint.size() != kFingerprintBytes ||
             !Parse(row.Bytes(3), agent.agent)) {
           return false;
         }
         contents.agents.push_back(std::move(agent));
         return true;
       }}));
  TUTTI_RETURN_IF_ERROR(ReadGroups(database, contents));
  return ReadTable(
      database, {"tokens", "SELECT {}, id, token FROM tokens ORDER BY id", "id",
                 "token", [&](const SqliteStatement& row) {
                   JournalBatch::Token token;
                   token.id = row.Bytes(1);
                   if (!Parse(row.Bytes(2), token.token)) return false;
                   contents.tokens.push_back(std::move(token));
                   return true;
                 }});
}

}  // namespace

absl::Status PrepareTables(SqliteDatabase& database) {
  // FULL syncs the log at every commit: what is answered is durable.
  TUTTI_RETURN_IF_ERROR(database.Execute(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
      "PRAGMA foreign_keys = ON; PRAGMA journal_size_limit = 16777216;"));
  TUTTI_ASSIGN_OR_RETURN(uint64_t version,
                         database.QueryInteger("PRAGMA user_version"));
  if (version == 0) return database.Execute(kSchema);
  for (const Upgrade& upgrade : kUpgrades) {
    if (version != upgrade.from) continue;
    TUTTI_RETURN_IF_ERROR(database.Execute(upgrade.statements));
    ++version;
  }
  if (version == kSchemaVersion) return absl::OkStatus();
  return FailedPrecondition(
      "the journal has version {}, this program knows {}; run the "
      "tutti-controller that wrote it, or a newer one",
      version, kSchemaVersion);
}

absl::StatusOr<JournalContents> ReadRows(SqliteDatabase& database) {
  JournalContents contents;
  TUTTI_RETURN_IF_ERROR(ReadJobs(database, contents));
  TUTTI_RETURN_IF_ERROR(ReadAttempts(database, contents));
  TUTTI_RETURN_IF_ERROR(ReadTasks(database, contents));
  TUTTI_RETURN_IF_ERROR(ReadFleet(database, contents));
  TUTTI_ASSIGN_OR_RETURN(
      const uint64_t last,
      database.QueryInteger(
          "SELECT seq FROM sqlite_sequence WHERE name = 'jobs'"));
  contents.next_job_number = last + 1;
  return contents;
}

absl::StatusOr<RowWriter> RowWriter::Create(SqliteDatabase& database) {
  RowWriter writer;
  const struct {
    SqliteStatement& statement;
    const char* text;
  } statements[] = {
      {writer.insert_job_,
       "INSERT INTO jobs (number, uuid, job) VALUES (?1, ?2, ?3)"},
      {writer.insert_attempt_,
       "INSERT INTO attempts SELECT ?1, ?2, ?3 "
       "WHERE EXISTS (SELECT 1 FROM jobs WHERE number = ?1)"},
      {writer.insert_assigned_,
       "INSERT OR IGNORE INTO assigned SELECT ?1, ?2, ?3 "
       "WHERE EXISTS (SELECT 1 FROM jobs WHERE number = ?1)"},
      {writer.insert_outcome_,
       "INSERT OR REPLACE INTO outcomes SELECT ?1, ?2, ?3, ?4 "
       "WHERE EXISTS (SELECT 1 FROM jobs WHERE number = ?1)"},
      {writer.insert_steering_,
       "INSERT OR REPLACE INTO steering SELECT ?1, ?2, ?3 "
       "WHERE EXISTS (SELECT 1 FROM jobs WHERE number = ?1)"},
      {writer.delete_job_, "DELETE FROM jobs WHERE number = ?1"},
      {writer.insert_agent_, "INSERT OR REPLACE INTO agents VALUES (?1,?2,?3)"},
      {writer.delete_agent_, "DELETE FROM agents WHERE name = ?1"},
      {writer.insert_token_, "INSERT OR REPLACE INTO tokens VALUES (?1, ?2)"},
      {writer.insert_group_, "INSERT OR REPLACE INTO groups VALUES (?1, ?2)"},
      {writer.delete_group_, "DELETE FROM groups WHERE name = ?1"},
  };
  for (const auto& entry : statements) {
    TUTTI_ASSIGN_OR_RETURN(entry.statement, database.Prepare(entry.text));
  }
  return writer;
}

absl::Status RowWriter::Write(const JournalBatch& batch) {
  TUTTI_RETURN_IF_ERROR(WriteJobs(batch));
  TUTTI_RETURN_IF_ERROR(WriteFleet(batch));
  return WriteGroups(batch);
}

absl::Status RowWriter::WriteJobs(const JournalBatch& batch) {
  std::string content;
  for (const JournalBatch::NewJob& job : batch.new_jobs) {
    job.job.SerializeToString(&content);
    insert_job_.Bind(1, job.number);
    insert_job_.BindBlob(2, job.uuid.bytes());
    insert_job_.BindBlob(3, content);
    TUTTI_RETURN_IF_ERROR(insert_job_.Run());
  }
  for (const JournalBatch::NewAttempt& attempt : batch.new_attempts) {
    attempt.job.SerializeToString(&content);
    insert_attempt_.Bind(1, attempt.job_number);
    insert_attempt_.Bind(2, attempt.attempt);
    insert_attempt_.BindBlob(3, content);
    TUTTI_RETURN_IF_ERROR(insert_attempt_.Run());
  }
  for (const JournalBatch::Assigned& assigned : batch.assigned) {
    insert_assigned_.Bind(1, assigned.job_number);
    insert_assigned_.Bind(2, assigned.task);
    insert_assigned_.Bind(3, assigned.attempt);
    TUTTI_RETURN_IF_ERROR(insert_assigned_.Run());
  }
  for (const JournalBatch::Outcome& outcome : batch.outcomes) {
    outcome.outcome.SerializeToString(&content);
    insert_outcome_.Bind(1, outcome.job_number);
    insert_outcome_.Bind(2, outcome.task);
    insert_outcome_.Bind(3, outcome.attempt);
    insert_outcome_.BindBlob(4, content);
    TUTTI_RETURN_IF_ERROR(insert_outcome_.Run());
  }
  for (const JournalBatch::Steering& steering : batch.steering) {
    steering.steering.SerializeToString(&content);
    insert_steering_.Bind(1, steering.job_number);
    insert_steering_.Bind(2, steering.attempt);
    insert_steering_.BindBlob(3, content);
    TUTTI_RETURN_IF_ERROR(insert_steering_.Run());
  }
  for (const uint64_t number : batch.removed_jobs) {
    delete_job_.Bind(1, number);
    TUTTI_RETURN_IF_ERROR(delete_job_.Run());
  }
  return absl::OkStatus();
}

absl::Status RowWriter::WriteFleet(const JournalBatch& batch) {
  std::string content;
  // Removals first: an agent that is removed and enrolled again in one batch
  // stays.
  for (const std::string& name : batch.removed_agents) {
    delete_agent_.BindText(1, name);
    TUTTI_RETURN_IF_ERROR(delete_agent_.Run());
  }
  for (const JournalBatch::Agent& agent : batch.agents) {
    agent.agent.SerializeToString(&content);
    insert_agent_.BindText(1, agent.name);
    insert_agent_.BindBlob(2, agent.key_fingerprint);
    insert_agent_.BindBlob(3, content);
    TUTTI_RETURN_IF_ERROR(insert_agent_.Run());
  }
  for (const JournalBatch::Token& token : batch.tokens) {
    token.token.SerializeToString(&content);
    insert_token_.BindText(1, token.id);
    insert_token_.BindBlob(2, content);
    TUTTI_RETURN_IF_ERROR(insert_token_.Run());
  }
  return absl::OkStatus();
}

absl::Status RowWriter::WriteGroups(const JournalBatch& batch) {
  std::string content;
  for (const JournalBatch::Group& group : batch.groups) {
    group.group.SerializeToString(&content);
    insert_group_.BindText(1, group.name);
    insert_group_.BindBlob(2, content);
    TUTTI_RETURN_IF_ERROR(insert_group_.Run());
  }
  for (const std::string& name : batch.removed_groups) {
    delete_group_.BindText(1, name);
    TUTTI_RETURN_IF_ERROR(delete_group_.Run());
  }
  return absl::OkStatus();
}

}  // namespace tutti::controller
