#include "common/relay/ports.h"

namespace tutti::relay {

runner::v1::StartAttempt ToStartAttempt(const v1::AssignTask& task) {
  runner::v1::StartAttempt start;
  *start.mutable_key() = task.key();
  start.set_envelope(task.envelope());
  *start.mutable_proof() = task.proof();
  start.set_parameters(task.parameters());
  *start.mutable_secrets() = task.secrets();
  start.set_check_only(task.check_only());
  return start;
}

}  // namespace tutti::relay
