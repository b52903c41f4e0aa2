// The rules about what is to run and how, one by one. Where one of them
// breaks, a target starts what nobody could have meant.
#include "common/signing/check_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "common/signing/envelope.h"
#include "common/signing/work_digest.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/signing/test_fleet.h"

namespace tutti {
namespace {

using ::testing::StartsWith;
using ::tutti::testing::StatusIs;

using Spec = v1::JobSpec;

v1::Script& SetScript(Spec& spec, const std::string& name,
                      const std::string& text) {
  v1::Script& script = *spec.mutable_script();
  script.set_name(name);
  script.set_text(text);
  return script;
}

v1::ResourceLimit& AddLimit(Spec& spec, const std::string& resource) {
  v1::ResourceLimit& limit = *spec.add_resource_limits();
  limit.set_resource(resource);
  return limit;
}

void SetIo(Spec& spec, int scheduling_class, uint32_t level) {
  spec.mutable_io_priority()->set_scheduling_class(
      static_cast<v1::IoPriority::SchedulingClass>(scheduling_class));
  spec.mutable_io_priority()->set_level(level);
}

v1::Copy& SetCopy(Spec& spec, const std::string& destination) {
  spec.mutable_input()->mutable_content();
  v1::Copy& copy = *spec.mutable_copy();
  copy.set_destination(destination);
  copy.set_manifest_digest(std::string(32, 'd'));
  return copy;
}

struct BadCase {
  std::string field;
  std::function<void(Spec&)> spoil;
};

TEST(CheckProcessTest, WhatIsOutOfRangeIsRefusedByItsField) {
  const std::string nul("a\0b", 3);
  const std::vector<BadCase> cases = {
      {"script:", [](Spec& s) { SetScript(s, "", "#!/bin/sh"); }},
      {"script:", [](Spec& s) { SetScript(s, "../x", "#!/bin/sh"); }},
      {"script:", [&](Spec& s) { SetScript(s, nul, "#!/bin/sh"); }},
      {"script:",
       [](Spec& s) { SetScript(s, std::string(256, 'x'), "#!/bin/sh"); }},
      {"script:", [](Spec& s) { SetScript(s, "x", "echo"); }},
      {"script:", [](Spec& s) { SetScript(s, "x", ""); }},
      {"script:",
       [&](Spec& s) { SetScript(s, "x", "#!/bin/sh").add_arguments(nul); }},
      {"query:", [](Spec& s) { s.mutable_query()->set_sql(" \n"); }},
      {"query:", [&](Spec& s) { s.mutable_query()->set_sql(nul); }},
      {"kind:", [](Spec& s) { s.mutable_add_in()->set_name("Upper"); }},
      // Who asks for the job's output would take it for rows.
      {"kind:", [](Spec& s) { s.mutable_add_in()->set_name("query"); }},
      {"kind:",
       [](Spec& s) {
         s.mutable_add_in()->set_name("deploy");
         s.mutable_add_in()->set_parameters(std::string(1'100'000, ' '));
       }},
      {"copy:", [](Spec& s) { SetCopy(s, "srv"); }},
      {"copy:", [](Spec& s) { SetCopy(s, ""); }},
      {"copy:", [&](Spec& s) { SetCopy(s, "/" + nul); }},
      {"copy:", [](Spec& s) { SetCopy(s, "/" + std::string(4095, 'x')); }},
      {"copy:",
       [](Spec& s) { SetCopy(s, "/srv").set_manifest_digest("short"); }},
      {"copy:",
       [](Spec& s) { SetCopy(s, "/srv").set_label(std::string(256, 'x')); }},
      {"copy:",
       [](Spec& s) {
         SetCopy(s, "/srv");
         s.mutable_input()->mutable_none();
       }},
      {"login:", [](Spec& s) { SetCopy(s, "/srv"), s.set_login(true); }},
      {"fetch:", [](Spec& s) { s.mutable_fetch(); }},
      {"fetch:", [](Spec& s) { s.mutable_fetch()->add_paths("etc"); }},
      {"login:",
       [](Spec& s) {
         s.mutable_fetch()->add_paths("/etc");
         s.set_login(true);
       }},
      {"umask:", [](Spec& s) { s.set_umask(01000); }},
      {"nice:", [](Spec& s) { s.set_nice(20); }},
      {"nice:", [](Spec& s) { s.set_nice(-21); }},
      {"io_priority:", [](Spec& s) { SetIo(s, 0, 0); }},
      {"io_priority:", [](Spec& s) { SetIo(s, 4, 0); }},
      {"io_priority:", [](Spec& s) { SetIo(s, 2, 8); }},
      {"io_priority:", [](Spec& s) { SetIo(s, 3, 1); }},
      {"resource_limits:", [](Spec& s) { AddLimit(s, "NOFILE"); }},
      {"resource_limits:", [](Spec& s) { AddLimit(s, ""); }},
      {"resource_limits:",
       [](Spec& s) { AddLimit(s, "cpu"), AddLimit(s, "cpu"); }},
      {"resource_limits:", [](Spec& s) { AddLimit(s, "cpu").set_hard(1); }},
      {"cgroup_limits:",
       [](Spec& s) { s.mutable_cgroup_limits()->set_memory_bytes(4096); }},
      {"cgroup_limits:",
       [](Spec& s) { s.mutable_cgroup_limits()->set_memory_bytes(-1); }},
      {"cgroup_limits:",
       [](Spec& s) { s.mutable_cgroup_limits()->set_milli_cpus(9); }},
      {"cgroup_limits:",
       [](Spec& s) { s.mutable_cgroup_limits()->set_processes(1 << 30); }},
  };
  for (size_t i = 0; i < cases.size(); ++i) {
    Spec spec = testing::MakeSpec("demo", {"web01"});
    cases[i].spoil(spec);
    EXPECT_THAT(CheckSpec(spec), StatusIs(absl::StatusCode::kInvalidArgument,
                                          StartsWith(cases[i].field)))
        << i;
  }
}

// Each also makes another job of it: otherwise an operator who gives a UUID
// twice is told that a job ran which never did.
TEST(CheckProcessTest, WhatIsInRangeIsAcceptedAndCounts) {
  const std::vector<std::function<void(Spec&)>> changes = {
      [](Spec& s) {
        SetScript(s, "deploy.sh", "#!/bin/sh\n\0\xff").add_arguments("\xff");
      },
      [](Spec& s) { s.set_login(true); },
      [](Spec& s) { s.set_umask(0); },
      [](Spec& s) { s.set_umask(0777); },
      [](Spec& s) { s.set_nice(-20); },
      [](Spec& s) { s.set_nice(19); },
      [](Spec& s) { SetIo(s, 1, 0); },
      [](Spec& s) { SetIo(s, 2, 7); },
      [](Spec& s) { SetIo(s, 3, 0); },
      [](Spec& s) { AddLimit(s, "core"); },
      [](Spec& s) {
        AddLimit(s, "nofile").set_soft(5);
        s.mutable_resource_limits(0)->set_hard(5);
      },
      [](Spec& s) { s.mutable_cgroup_limits()->set_memory_bytes(1 << 20); },
      [](Spec& s) { s.mutable_cgroup_limits()->set_milli_cpus(10); },
      [](Spec& s) { s.mutable_cgroup_limits()->set_processes(1); },
  };
  const Spec plain = testing::MakeSpec("demo", {"web01"});
  for (size_t i = 0; i < changes.size(); ++i) {
    Spec spec = plain;
    changes[i](spec);
    TUTTI_EXPECT_OK(CheckSpec(spec)) << i;
    EXPECT_NE(WorkDigest(spec), WorkDigest(plain)) << i;
  }
}

}  // namespace
}  // namespace tutti
