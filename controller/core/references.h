// Groups and results of jobs, as expressions refer to them.
#ifndef CONTROLLER_CORE_REFERENCES_H_
#define CONTROLLER_CORE_REFERENCES_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/targets/target_expression.h"
#include "controller/core/core_state.h"
#include "controller/core/selection_rules.h"

namespace tutti::controller {

// For one call of an operator: each reference is resolved once, and what they
// cost together is bounded. Lives no longer than the call.
class References final : public ReferenceSource {
 public:
  // `last` is the newest job of `operator_name`.
  References(CoreState& state, std::string_view operator_name,
             const SelectionRules& rules)
      : state_(state), operator_name_(operator_name), rules_(rules) {}

  // INVALID_ARGUMENT begins with the reference: what it stands for breaks the
  // rules, stands for nobody and may not, or needs output that memory does not
  // hold. NOT_FOUND when there is no such
  // group or job. RESOURCE_EXHAUSTED when it would cost too much.
  absl::StatusOr<TargetSelection> Resolve(
      const TargetReference& reference) override;

 private:
  absl::StatusOr<TargetSelection> SelectOfGroup(const std::string& name);
  absl::StatusOr<TargetSelection> SelectOfJob(const TargetReference& reference);
  absl::StatusOr<std::vector<std::string>> NamesOf(
      const Job& job, const TargetReference& reference);
  absl::StatusOr<std::vector<std::string>> SearchOutput(
      const Job& job, const TargetReference& reference);

  // More bytes of output are not searched: the core does nothing else
  // meanwhile.
  static constexpr uint64_t kMaxSearchedBytes = 32 << 20;

  CoreState& state_;
  const std::string operator_name_;
  const SelectionRules rules_;
  // By their text.
  std::map<std::string, TargetSelection> resolved_;
  // Groups that are being resolved.
  int depth_ = 0;
  uint64_t search_budget_ = kMaxSearchedBytes;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_CORE_REFERENCES_H_
