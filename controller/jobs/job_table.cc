#include "controller/jobs/job_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "common/base/errors.h"

namespace tutti::controller {
namespace {

constexpr size_t kUuidDigits = size_t{2} * Uuid::kSize;

std::string HexDigits(const Uuid& uuid) {
  std::string text = uuid.ToString();
  text.erase(std::remove(text.begin(), text.end(), '-'), text.end());
  return text;
}

bool IsHexDigit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

absl::StatusOr<std::string> NormalizedPrefix(std::string_view prefix) {
  std::string digits;
  for (char c : prefix) {
    if (c == '-') continue;
    digits += c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  if (digits.size() < Uuid::kShortestPrefix || digits.size() > kUuidDigits ||
      !std::all_of(digits.begin(), digits.end(), IsHexDigit)) {
    return InvalidArgument(
        "'{}' is not the beginning of a UUID; give {} to {} hexadecimal "
        "digits",
        prefix, Uuid::kShortestPrefix, kUuidDigits);
  }
  return digits;
}

}  // namespace

Job& JobTable::Add(std::unique_ptr<Job> job) {
  Job& added = *job;
  by_uuid_[added.description().uuid] = &added;
  task_count_ += added.size();
  jobs_[added.number()] = std::move(job);
  return added;
}

void JobTable::Remove(uint64_t number) {
  const auto found = jobs_.find(number);
  if (found == jobs_.end()) return;
  const Job& job = *found->second;
  by_uuid_.erase(job.description().uuid);
  final_.erase({job.ended_at(), number});
  for (const auto& attempt : job.attempts()) {
    task_count_ -= attempt->request().targets.size();
  }
  jobs_.erase(found);
}

Job* JobTable::Find(uint64_t number) {
  const auto found = jobs_.find(number);
  return found == jobs_.end() ? nullptr : found->second.get();
}

Job* JobTable::Find(const Uuid& uuid) {
  const auto found = by_uuid_.find(uuid);
  return found == by_uuid_.end() ? nullptr : found->second;
}

absl::StatusOr<Job*> JobTable::Select(const v1::JobSelector& selector,
                                      std::string_view operator_name) {
  switch (selector.by_case()) {
    case v1::JobSelector::kNumber: {
      Job* job = Find(selector.number());
      if (job != nullptr && job->committed) return job;
      return NotFound("there is no job {}; see `tutti job list`",
                      selector.number());
    }
    case v1::JobSelector::kUuidPrefix:
      return SelectByPrefix(selector.uuid_prefix());
    case v1::JobSelector::kName:
      for (auto job = jobs_.rbegin(); job != jobs_.rend(); ++job) {
        if (job->second->committed && job->second->name() == selector.name()) {
          return job->second.get();
        }
      }
      return NotFound("there is no job named '{}'; see `tutti job list`",
                      selector.name());
    case v1::JobSelector::kLast:
      return SelectLast(selector.last(), operator_name);
    case v1::JobSelector::BY_NOT_SET:
      break;
  }
  return InvalidArgument("no job was named; give its number, UUID or name");
}

absl::StatusOr<Job*> JobTable::SelectByPrefix(std::string_view prefix) {
  absl::StatusOr<std::string> digits = NormalizedPrefix(prefix);
  if (!digits.ok()) return digits.status();
  Job* match = nullptr;
  for (const auto& entry : jobs_) {
    Job* job = entry.second.get();
    if (!job->committed ||
        !HexDigits(job->description().uuid).starts_with(*digits)) {
      continue;
    }
    if (match != nullptr) {
      return FailedPrecondition(
          "the UUIDs of jobs {} and {} begin with '{}'; give more digits",
          match->number(), job->number(), prefix);
    }
    match = job;
  }
  if (match == nullptr) {
    return NotFound("no job's UUID begins with '{}'; see `tutti job list`",
                    prefix);
  }
  return match;
}

absl::StatusOr<Job*> JobTable::SelectLast(std::string_view name,
                                          std::string_view operator_name) {
  for (auto entry = jobs_.rbegin(); entry != jobs_.rend(); ++entry) {
    Job* job = entry->second.get();
    if (job->committed && job->first_request().operator_name == operator_name &&
        (name.empty() || job->name() == name)) {
      return job;
    }
  }
  if (name.empty()) {
    return NotFound("{} has started no job yet; see `tutti job list`",
                    operator_name);
  }
  return NotFound("{} has started no job named '{}'; see `tutti job list`",
                  operator_name, name);
}

void JobTable::NoteReopened(const Job& job) {
  final_.erase({job.ended_at(), job.number()});
}

void JobTable::NoteFinal(const Job& job) {
  final_.emplace(job.ended_at(), job.number());
}

std::optional<std::pair<absl::Time, uint64_t>> JobTable::OldestFinal() const {
  if (final_.empty()) return std::nullopt;
  return *final_.begin();
}

}  // namespace tutti::controller
