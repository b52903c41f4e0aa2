#include "common/command_line/flags.h"

#include <CLI/CLI.hpp>
#include <cstdio>

#include "common/base/errors.h"

namespace tutti {
namespace {

std::string NamesOf(const SettingDescription& setting) {
  if (setting.singular == nullptr) return FlagOf(setting.key);
  return FlagOf(setting.key) + "," + FlagOf(setting.singular);
}

void AddSettingFlag(CLI::App& app, const SettingDescription& setting,
                    SettingOverrides& overrides) {
  const bool repeatable =
      setting.form == SettingForm::kList || setting.form == SettingForm::kMap;
  CLI::Option* option = nullptr;
  if (repeatable) {
    option = AddRepeatable(app, NamesOf(setting), overrides[setting.key],
                           setting.help);
  } else {
    option = app.add_option_function<std::string>(
        NamesOf(setting),
        [&values = overrides[setting.key]](const std::string& value) {
          values = {value};
        },
        setting.help);
  }
  option->type_name(setting.type)
      ->group("Settings")
      ->check([](const std::string& value) {
        return value.empty() ? "a value is missing" : "";
      });
}

}  // namespace

int ReportFailure(std::string_view program, const absl::Status& status,
                  int exit_status) {
  fmt::print(stderr, "{}: {}\n", program, TextOf(status));
  return exit_status;
}

CLI::Option* AddRepeatable(CLI::App& app, const std::string& names,
                           std::vector<std::string>& values,
                           const std::string& description) {
  return app.add_option(names, values, description)
      ->type_size(1)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
}

void AddServiceFlags(CLI::App& app, const std::string& file_name,
                     const std::vector<SettingDescription>& settings,
                     ServiceFlags& flags) {
  CLI::Option* config = app.add_option("--config", flags.configuration_path,
                                       "Configuration file, as " + file_name)
                            ->type_name("FILE");
  if (!flags.configuration_path.empty()) config->capture_default_str();
  app.add_option_function<std::string>(
         "--dir",
         [&flags, file_name](const std::string& directory) {
           flags.configuration_path = directory + "/" + file_name;
         },
         "Folder of it; means --config DIR/" + file_name)
      ->type_name("DIR")
      ->excludes(config);
  app.add_flag("--check-config", flags.check_configuration,
               "Say whether the configuration is right, and end");
  for (const SettingDescription& setting : settings) {
    AddSettingFlag(app, setting, flags.overrides);
  }
}

std::optional<int> ParseOrExplain(CLI::App& app, int argc,
                                  const char* const* argv) {
  try {
    app.parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    std::fprintf(stderr, "%s: %s; see %s --help\n", app.get_name().c_str(),
                 error.what(), app.get_name().c_str());
    return kServiceMisused;
  }
}

}  // namespace tutti
