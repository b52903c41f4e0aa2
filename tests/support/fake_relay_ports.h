// What stands around an agent's core in tests: ports that keep what they were
// given.
#ifndef TESTS_SUPPORT_FAKE_RELAY_PORTS_H_
#define TESTS_SUPPORT_FAKE_RELAY_PORTS_H_

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/jobs/attempt_key.h"
#include "common/records/record_log.h"
#include "common/relay/attempt.h"
#include "common/relay/ports.h"

namespace tutti::testing {

// What the core sent and nobody took yet, oldest first.
class FakeControllerPort final : public relay::ControllerPort {
 public:
  void SendHello(v1::AgentHello hello) override {
    session.emplace_back().mutable_hello()->Swap(&hello);
  }
  bool SendReport(v1::AgentReport report) override {
    session.emplace_back().mutable_report()->Swap(&report);
    return session.size() < session_room;
  }
  void RestartSession(const absl::Status& why) override { restart = why; }
  void OpenBulk() override { bulk_open = true; }
  bool SendOutput(v1::SendOutputRequest request) override {
    bulk.push_back(std::move(request));
    ++bulk_messages;
    return bulk.size() < bulk_room;
  }
  void CloseBulk() override { bulk_open = false; }

  std::deque<v1::SessionRequest> session;
  std::deque<v1::SendOutputRequest> bulk;
  size_t session_room = 1000;
  size_t bulk_room = 1000;
  bool bulk_open = false;
  int bulk_messages = 0;
  absl::Status restart;
};

class FakeRunnerPort final : public relay::RunnerPort {
 public:
  enum class Verb { kStart, kStop, kSuspend, kInput, kAcknowledge, kRelease };
  struct Message {
    Verb verb;
    v1::AttemptKey key;
    uint64_t position = 0;
    std::string envelope = {};
    v1::StopRule rule = {};
    bool suspend = false;
    std::string input = {};
    bool check_only = false;
  };

  void Start(const v1::AssignTask& task) override {
    Add({.verb = Verb::kStart,
         .key = task.key(),
         .envelope = task.envelope(),
         .check_only = task.check_only()});
  }
  void Stop(const v1::AttemptKey& key, const v1::StopRule& rule) override {
    Add({.verb = Verb::kStop, .key = key, .rule = rule});
  }
  void Suspend(const v1::AttemptKey& key, bool suspend) override {
    Add({.verb = Verb::kSuspend, .key = key, .suspend = suspend});
  }
  void GiveInput(const v1::AttemptKey& key, const std::string& chunk) override {
    Add({.verb = Verb::kInput, .key = key, .input = chunk});
  }
  void AcknowledgeOutput(const v1::AttemptKey& key,
                         uint64_t position) override {
    Add({.verb = Verb::kAcknowledge, .key = key, .position = position});
  }
  void Release(const v1::AttemptKey& key) override {
    Add({.verb = Verb::kRelease, .key = key});
  }

  // False: what is sent is lost.
  bool connected = true;
  std::deque<Message> messages;

 private:
  void Add(Message message) {
    if (connected) messages.push_back(std::move(message));
  }
};

// Spool files in memory, with the positions and the joining of real ones.
class FakeSpool final : public relay::SpoolSource {
 public:
  // Returns the position behind the record.
  uint64_t Append(const v1::AttemptKey& key, v1::OutputStream stream,
                  std::string data) {
    File& file = files_[KeyBytes(key)];
    const uint64_t position = file.end;
    file.end += kRecordHeaderBytes + data.size();
    file.records[position] = {stream, std::move(data)};
    return file.end;
  }
  void Trim(const v1::AttemptKey& key, uint64_t before) {
    auto& records = files_[KeyBytes(key)].records;
    records.erase(records.begin(), records.lower_bound(before));
  }
  uint64_t End(const v1::AttemptKey& key) { return files_[KeyBytes(key)].end; }
  // All bytes of a stream.
  std::string Content(const v1::AttemptKey& key, v1::OutputStream stream) {
    std::string content;
    for (const auto& [position, record] : files_[KeyBytes(key)].records) {
      if (record.stream == stream) content += record.data;
    }
    return content;
  }

  absl::StatusOr<SpoolReader::Batch> Read(const v1::AttemptKey& key,
                                          uint64_t from, uint64_t end,
                                          size_t max_bytes) override {
    ++reads;
    if (!damage.ok()) return damage;
    const auto found = files_.find(KeyBytes(key));
    if (found == files_.end()) return absl::NotFoundError("no spool file");
    const File& file = found->second;
    auto record = file.records.lower_bound(from);
    if (record != file.records.end() && from >= kLogHeaderBytes &&
        record->first != from) {
      return absl::OutOfRangeError("trimmed away");
    }
    SpoolReader::Batch batch;
    batch.next_position = std::max(from, std::min(end, file.end));
    size_t size = 0;
    for (; record != file.records.end(); ++record) {
      const auto& [position, content] = *record;
      const uint64_t next = position + kRecordHeaderBytes + content.data.size();
      if (next > std::min(end, file.end)) break;
      if (size > 0 && size + content.data.size() > max_bytes) {
        batch.next_position = position;
        break;
      }
      size += content.data.size();
      AddRecord(content, position, next, batch.chunks);
    }
    return batch;
  }
  void Close(const v1::AttemptKey&) override {}

  // When not OK, every read fails with it.
  absl::Status damage;
  int reads = 0;

 private:
  struct Record {
    v1::OutputStream stream;
    std::string data;
  };
  struct File {
    std::map<uint64_t, Record> records;
    uint64_t end = kLogHeaderBytes;
  };

  static void AddRecord(const Record& record, uint64_t position, uint64_t next,
                        std::vector<v1::OutputChunk>& chunks) {
    constexpr size_t kMaxJoined = 64 << 10;
    if (chunks.empty() || chunks.back().stream() != record.stream ||
        chunks.back().data().size() + record.data.size() > kMaxJoined) {
      chunks.emplace_back().set_position(position);
      chunks.back().set_stream(record.stream);
    }
    chunks.back().mutable_data()->append(record.data);
    chunks.back().set_next_position(next);
  }

  std::map<std::string, File> files_;
};

}  // namespace tutti::testing

#endif  // TESTS_SUPPORT_FAKE_RELAY_PORTS_H_
