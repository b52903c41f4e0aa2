#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "common/base/status_macros.h"
#include "common/targets/node_set.h"
#include "common/targets/target_expression.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/target/names.h"
#include "controller/cli/target/target.h"

namespace tutti::cli {
namespace {

using Kind = TargetNode::Kind;

constexpr size_t kIndent = 2;

std::string Heading(const TargetNode& node) {
  switch (node.kind) {
    case Kind::kNames:
      return fmt::format("{} ({})", FoldNames(node.texts), node.texts.size());
    case Kind::kWildcards:
      return fmt::format("names like {}", fmt::join(node.texts, ", "));
    case Kind::kAll:
      return "all targets";
    case Kind::kCondition:
      return fmt::format("those with {}", node.condition->ToText());
    case Kind::kUnion:
      return "all of these together";
    case Kind::kDifference:
      return "the first without the others";
    case Kind::kIntersection:
      return "what is in each of these";
    case Kind::kSymmetricDifference:
      return node.operands.size() == 2 ? "what is in one of these, not in both"
                                       : "what is in an odd number of these";
    case Kind::kComplement:
      return "all but";
  }
  return "";
}

void Explain(const TargetNode& node, size_t indent, std::string& text) {
  text += std::string(indent, ' ') + Heading(node) + "\n";
  for (const TargetNode& operand : node.operands) {
    Explain(operand, indent + kIndent, text);
  }
}

absl::StatusOr<int> ExplainAll(const std::vector<std::string>& words,
                               const Context& context) {
  TUTTI_ASSIGN_OR_RETURN(const std::vector<std::string> expressions,
                         TakeExpressions(words));
  TUTTI_ASSIGN_OR_RETURN(const TargetExpression expression,
                         TargetExpression::ParseUnited(expressions));
  std::string text;
  Explain(expression.root(), 0, text);
  Show(context, text);
  return kExitOk;
}

}  // namespace

void AddTargetExplain(CLI::App& target, Context& context) {
  auto words = std::make_shared<std::vector<std::string>>();
  CLI::App& verb =
      AddVerb(target, "explain", "Print how an expression is read", context);
  AddExpressions(verb, *words);
  SetExamples(verb, {{"tutti target explain 'web*,db1!web07'", ""}});
  SetAction(verb, context,
            [words](Context& context) { return ExplainAll(*words, context); });
}

}  // namespace tutti::cli
