// Target expressions come from operators' command lines and over the network.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/targets/node_set.h"
#include "common/targets/target_expression.h"
#include "tests/fuzz/expectation.h"

namespace tutti::testing {
namespace {

const std::vector<std::string> kKnown = {"db1",   "db2",   "web01",
                                         "web02", "web03", "web10"};

void TestNodeSet(std::string_view text) {
  const absl::StatusOr<std::vector<std::string>> names = ExpandNames(text);
  if (!names.ok()) {
    Expect(names.status().code() == absl::StatusCode::kInvalidArgument,
           "mistakes are INVALID_ARGUMENT");
    return;
  }
  Expect(!names->empty() && names->size() <= kMaxNames, "bounded");
  Expect(std::adjacent_find(names->begin(), names->end(),
                            std::greater_equal<>()) == names->end(),
         "names are sorted and unique");
  // Larger sets only make the fuzzer slow.
  if (names->size() > 1000) return;
  const absl::StatusOr<std::vector<std::string>> again =
      ExpandNames(FoldNames(*names));
  Expect(again.ok() && *again == *names, "expanding undoes folding");
}

// Every attribute of a target is its name.
class NamesAsAttributes final : public AttributeSource {
 public:
  bool Knows(std::string_view) const override { return true; }
  std::vector<std::string> ValuesOf(const std::string& target,
                                    std::string_view) const override {
    return {target};
  }
};

// A group is whoever it could be.
class EverybodyReferences final : public ReferenceSource {
 public:
  absl::StatusOr<TargetSelection> Resolve(
      const TargetReference& reference) override {
    Expect(!reference.text.empty() && reference.text[0] == '@', "as written");
    TargetSelection selection;
    selection.names = kKnown;
    return selection;
  }
};

void TestTargetExpression(std::string_view text) {
  const absl::StatusOr<TargetExpression> expression =
      TargetExpression::Parse(text);
  if (!expression.ok()) return;
  EverybodyReferences references;
  const TargetSelection selection =
      expression->Select(kKnown, NamesAsAttributes(), references).value();
  for (const std::string& name : kKnown) {
    const bool selected = std::binary_search(selection.names.begin(),
                                             selection.names.end(), name);
    const Match match = expression->Matches(name);
    Expect(match == Match::kMaybe || selected == (match == Match::kYes),
           "Select agrees with Matches");
    Expect(match != Match::kMaybe || expression->NeedsController(),
           "names are certain");
  }
}

}  // namespace
}  // namespace tutti::testing

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  tutti::testing::TestNodeSet(text);
  tutti::testing::TestTargetExpression(text);
  return 0;
}
