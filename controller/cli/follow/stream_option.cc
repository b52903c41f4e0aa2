#include "controller/cli/follow/stream_option.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string>

#include "controller/cli/follow/streams.h"

namespace tutti::cli {

void AddStreamOption(CLI::App& verb, v1::OutputStream& stream) {
  verb.add_option_function<std::string>(
          "--stream",
          [&stream](const std::string& text) {
            for (const v1::OutputStream known : kProcessStreams) {
              if (StreamName(known) == text) stream = known;
            }
          },
          "stdout, stderr, message or result; default: all of them")
      ->check([](const std::string& text) -> std::string {
        for (const v1::OutputStream known : kProcessStreams) {
          if (StreamName(known) == text) return "";
        }
        return fmt::format(
            "'{}' is none of stdout, stderr, message and result; give one of "
            "them, or leave it out for all",
            text);
      })
      ->type_name("STREAM");
}

}  // namespace tutti::cli
