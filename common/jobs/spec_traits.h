// What follows from the kind of a job, for controller and runner alike.
#ifndef COMMON_JOBS_SPEC_TRAITS_H_
#define COMMON_JOBS_SPEC_TRAITS_H_

#include "tutti/v1/envelope.pb.h"

namespace tutti {

// Its process reads something: what an operator feeds, or what it asks for.
inline bool TakesInput(const v1::JobSpec& spec) {
  return spec.input().has_stream() || spec.input().has_content();
}

// Its program tells by kExitYielded that there was something: rows, or
// something to change.
inline bool TellsYield(const v1::JobSpec& spec) {
  return spec.has_query() || spec.has_copy();
}

}  // namespace tutti

#endif  // COMMON_JOBS_SPEC_TRAITS_H_
