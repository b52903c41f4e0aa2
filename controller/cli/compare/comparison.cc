#include "controller/cli/compare/comparison.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "controller/cli/follow/gatherer.h"

namespace tutti::cli {
namespace {

// A number for what is said in each stream: equal for equal texts, 0 for none.
using Saying = std::array<size_t, kStreams>;

// The texts of some targets, named by their indices.
class Texts {
 public:
  explicit Texts(const std::vector<const TargetOutput*>& targets)
      : sayings_(targets.size()) {
    for (size_t stream = 0; stream < kStreams; ++stream) {
      Gatherer& gatherer = gatherers_.emplace_back(targets.size());
      for (size_t i = 0; i < targets.size(); ++i) {
        for (const SharedBytes& chunk : targets[i]->chunks[stream]) {
          gatherer.Append(i, chunk);
        }
      }
      size_t number = 0;
      for (const std::vector<size_t>& group : gatherer.Groups()) {
        ++number;
        for (const size_t i : group) sayings_[i][stream] = number;
      }
    }
  }

  const Saying& saying(size_t target) const { return sayings_[target]; }

  std::vector<StreamDiff> Compare(size_t from, size_t to) const {
    std::vector<StreamDiff> diffs;
    for (size_t stream = 0; stream < kStreams; ++stream) {
      if (sayings_[from][stream] == sayings_[to][stream]) continue;
      diffs.push_back(
          {stream, CompareTexts(TextOf(from, stream), TextOf(to, stream))});
    }
    return diffs;
  }

 private:
  std::string TextOf(size_t target, size_t stream) const {
    std::string text;
    if (sayings_[target][stream] != 0) {
      gatherers_[stream].AppendText(target, text);
    }
    return text;
  }

  std::vector<Gatherer> gatherers_;
  std::vector<Saying> sayings_;
};

// Indices by what they have in common, in order of the first of each group.
template <typename Key>
class Groups {
 public:
  void Add(const Key& key, size_t index) {
    const auto [entry, is_new] = by_key_.try_emplace(key, groups_.size());
    if (is_new) groups_.emplace_back();
    groups_[entry->second].push_back(index);
  }
  const std::vector<std::vector<size_t>>& groups() const { return groups_; }

 private:
  std::map<Key, size_t> by_key_;
  std::vector<std::vector<size_t>> groups_;
};

// A target that has run in both jobs: its index in the first, and in the
// second.
using Pair = std::pair<size_t, size_t>;

std::vector<Pair> PairUp(const JobOutput& first, const JobOutput& second,
                         Comparison& comparison) {
  std::vector<Pair> pairs;
  size_t i = 0;
  size_t j = 0;
  while (i < first.targets.size() || j < second.targets.size()) {
    const bool only_first_left = j == second.targets.size();
    const bool only_second_left = i == first.targets.size();
    const bool in_first =
        only_first_left ||
        (!only_second_left && first.targets[i].name <= second.targets[j].name);
    const bool in_second =
        only_second_left ||
        (!only_first_left && second.targets[j].name <= first.targets[i].name);
    const bool first_ran = in_first && first.targets[i].HasRun();
    const bool second_ran = in_second && second.targets[j].HasRun();
    if (first_ran && second_ran) {
      pairs.emplace_back(i, j);
    } else if (first_ran && !in_second) {
      comparison.only_first.push_back(first.targets[i].name);
    } else if (second_ran && !in_first) {
      comparison.only_second.push_back(second.targets[j].name);
    }
    if (in_first) ++i;
    if (in_second) ++j;
  }
  return pairs;
}

}  // namespace

Comparison CompareTargets(const JobOutput& job) {
  std::vector<const TargetOutput*> targets;
  for (const TargetOutput& target : job.targets) {
    if (target.HasRun()) targets.push_back(&target);
  }
  const Texts texts(targets);
  Groups<Saying> groups;
  for (size_t i = 0; i < targets.size(); ++i) groups.Add(texts.saying(i), i);
  const auto majority =
      std::max_element(groups.groups().begin(), groups.groups().end(),
                       [](const auto& left, const auto& right) {
                         return left.size() < right.size();
                       });
  Comparison comparison;
  for (const std::vector<size_t>& group : groups.groups()) {
    std::vector<std::string> names;
    names.reserve(group.size());
    for (const size_t i : group) names.push_back(targets[i]->name);
    if (&group == &*majority) {
      comparison.same = std::move(names);
    } else {
      comparison.different.push_back(
          {std::move(names), texts.Compare(majority->front(), group.front())});
    }
  }
  return comparison;
}

Comparison CompareJobs(const JobOutput& first, const JobOutput& second) {
  Comparison comparison;
  const std::vector<Pair> pairs = PairUp(first, second, comparison);
  std::vector<const TargetOutput*> targets;
  for (const auto& [i, j] : pairs) {
    targets.push_back(&first.targets[i]);
    targets.push_back(&second.targets[j]);
  }
  const Texts texts(targets);
  // Each two texts are compared once, however many targets said them.
  Groups<std::pair<Saying, Saying>> by_saying;
  for (size_t i = 0; i < pairs.size(); ++i) {
    by_saying.Add({texts.saying(2 * i), texts.saying(2 * i + 1)}, i);
  }
  std::map<std::vector<StreamDiff>, std::vector<size_t>> by_diff;
  for (const std::vector<size_t>& group : by_saying.groups()) {
    const size_t one = group.front();
    std::vector<size_t>& equals = by_diff[texts.Compare(2 * one, 2 * one + 1)];
    equals.insert(equals.end(), group.begin(), group.end());
  }
  for (auto& [diffs, indices] : by_diff) {
    std::sort(indices.begin(), indices.end());
    std::vector<std::string> names;
    names.reserve(indices.size());
    for (const size_t i : indices) names.push_back(targets[2 * i]->name);
    if (diffs.empty()) {
      comparison.same = std::move(names);
    } else {
      comparison.different.push_back({std::move(names), diffs});
    }
  }
  std::sort(comparison.different.begin(), comparison.different.end(),
            [](const DifferentTargets& left, const DifferentTargets& right) {
              return left.targets.front() < right.targets.front();
            });
  return comparison;
}

}  // namespace tutti::cli
