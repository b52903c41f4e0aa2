// All jobs, and how people name them.
#ifndef CONTROLLER_JOBS_JOB_TABLE_H_
#define CONTROLLER_JOBS_JOB_TABLE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "controller/jobs/job.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti::controller {

// Owns the jobs. Not thread-safe.
class JobTable {
 public:
  // By number, oldest first.
  using Jobs = std::map<uint64_t, std::unique_ptr<Job>>;

  Job& Add(std::unique_ptr<Job> job);
  void Remove(uint64_t number);

  // Null when there is none (any more).
  Job* Find(uint64_t number);
  Job* Find(const Uuid& uuid);
  // Among committed jobs. NOT_FOUND, INVALID_ARGUMENT for a bad selector,
  // FAILED_PRECONDITION when a prefix fits several.
  absl::StatusOr<Job*> Select(const v1::JobSelector& selector,
                              std::string_view operator_name);

  // Notes that a job is final, so that it may be the next to be forgotten.
  void NoteFinal(const Job& job);
  // A retry adds so many tasks to its job.
  void NoteTasks(uint64_t tasks) { task_count_ += tasks; }
  // Before a retry gives a job that may be final unfinished tasks again.
  void NoteReopened(const Job& job);
  // The final job that ended first; empty when none is final.
  std::optional<std::pair<absl::Time, uint64_t>> OldestFinal() const;

  const Jobs& jobs() const { return jobs_; }
  // Of all attempts.
  uint64_t task_count() const { return task_count_; }

 private:
  absl::StatusOr<Job*> SelectByPrefix(std::string_view prefix);
  absl::StatusOr<Job*> SelectLast(std::string_view name,
                                  std::string_view operator_name);

  Jobs jobs_;
  absl::flat_hash_map<Uuid, Job*> by_uuid_;
  std::set<std::pair<absl::Time, uint64_t>> final_;
  uint64_t task_count_ = 0;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_JOBS_JOB_TABLE_H_
