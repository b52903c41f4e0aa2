// How an expression is read, in words.
#ifndef CONTROLLER_CLI_TARGET_EXPLANATION_H_
#define CONTROLLER_CLI_TARGET_EXPLANATION_H_

#include <cstddef>
#include <memory>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "common/targets/target_expression.h"
#include "controller/cli/command.h"
#include "controller/cli/connection.h"

namespace tutti::cli {

// Asks the controller for what groups hold and jobs brought, and for nothing
// else. Not thread-safe.
class Explanation {
 public:
  // `context` outlives it.
  explicit Explanation(Context& context) : context_(context) {}

  // Adds a part and what it is made of, a line each, indented.
  absl::Status Add(const TargetNode& node, size_t indent);
  const std::string& text() const { return text_; }

 private:
  void AddLine(size_t indent, const std::string& line);
  absl::Status AddGroup(const std::string& name, size_t indent);
  absl::Status AddJob(const TargetReference& reference, size_t indent);
  absl::StatusOr<Connection*> Connect();

  Context& context_;
  std::unique_ptr<Connection> connection_;
  // Groups that were explained.
  std::set<std::string> groups_;
  std::string text_;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_TARGET_EXPLANATION_H_
