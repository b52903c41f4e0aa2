// Early return for absl::Status and absl::StatusOr.
#ifndef COMMON_BASE_STATUS_MACROS_H_
#define COMMON_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Returns from the enclosing function when `expression` is not OK.
#define TUTTI_RETURN_IF_ERROR(expression)        \
  do {                                           \
    absl::Status tutti_status = (expression);    \
    if (!tutti_status.ok()) return tutti_status; \
  } while (false)

// TUTTI_ASSIGN_OR_RETURN(auto value, Compute()); returns the error or assigns.
#define TUTTI_ASSIGN_OR_RETURN(declaration, expression)                 \
  TUTTI_ASSIGN_OR_RETURN_IMPL_(TUTTI_CONCATENATE_(tutti_or_, __LINE__), \
                               declaration, expression)

// NOLINTBEGIN(bugprone-macro-parentheses): a name and a declaration.
#define TUTTI_ASSIGN_OR_RETURN_IMPL_(holder, declaration, expression) \
  auto holder = (expression);                                         \
  if (!holder.ok()) return std::move(holder).status();                \
  declaration = *std::move(holder)
// NOLINTEND(bugprone-macro-parentheses)

#define TUTTI_CONCATENATE_IMPL_(a, b) a##b
#define TUTTI_CONCATENATE_(a, b) TUTTI_CONCATENATE_IMPL_(a, b)

#endif  // COMMON_BASE_STATUS_MACROS_H_
