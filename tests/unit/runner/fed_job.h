// A job that takes input, with the key that signs it.
#ifndef TESTS_UNIT_RUNNER_FED_JOB_H_
#define TESTS_UNIT_RUNNER_FED_JOB_H_

#include <cstdint>
#include <string>
#include <utility>

#include "common/signing/input_signer.h"
#include "tutti/v1/envelope.pb.h"
#include "tutti/v1/task.pb.h"

namespace tutti::testing {

// Aborts when OpenSSL fails, which is no test's subject.
class FedJob {
 public:
  explicit FedJob(v1::JobSpec spec)
      : spec_(std::move(spec)),
        signer_(*InputSigner::Create(spec_.job_uuid(), spec_.attempt())) {
    spec_.mutable_input()->mutable_stream()->set_public_key(
        signer_.public_key());
  }

  // The same with a terminal.
  FedJob(v1::JobSpec spec, uint32_t rows, uint32_t columns)
      : FedJob(std::move(spec)) {
    v1::Terminal& terminal = *spec_.mutable_terminal();
    terminal.set_type("xterm-256color");
    terminal.mutable_size()->set_rows(rows);
    terminal.mutable_size()->set_columns(columns);
  }

  const v1::JobSpec& spec() const { return spec_; }
  // On the one target that the runners of tests stand for.
  v1::AttemptKey key() const {
    v1::AttemptKey key;
    key.set_job_uuid(spec_.job_uuid());
    key.set_attempt(spec_.attempt());
    key.set_target("web01");
    return key;
  }
  // Chunks that were signed.
  uint64_t count() const { return count_; }

  // The next chunk, serialised and signed.
  std::string Data(std::string data) {
    v1::InputChunk chunk;
    chunk.set_data(std::move(data));
    return Sign(chunk);
  }
  std::string End() {
    v1::InputChunk chunk;
    chunk.mutable_end();
    return Sign(chunk);
  }
  std::string Resize(uint32_t rows, uint32_t columns) {
    v1::InputChunk chunk;
    chunk.mutable_window_size()->set_rows(rows);
    chunk.mutable_window_size()->set_columns(columns);
    return Sign(chunk);
  }

 private:
  std::string Sign(const v1::InputChunk& chunk) {
    ++count_;
    return *signer_.Sign(chunk);
  }

  v1::JobSpec spec_;
  InputSigner signer_;
  uint64_t count_ = 0;
};

}  // namespace tutti::testing

#endif  // TESTS_UNIT_RUNNER_FED_JOB_H_
