package org.uiospark.jobs.prep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.data.storage.InputFile;
import org.uiospark.jobs.settings.Settings;
import org.uiospark.model.input.InvalidInputException;

class EosTokenTest {
  @TempDir Path model;
  private InputFile tokenizer;

  @BeforeEach
  void tokenizer() {
    tokenizer = new InputFile(model.resolve("tokenizer.json").toString(), new Configuration(false));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"eos_token_id\": 2}", "{\"eos_token_id\": [2, 7]}"})
  void isReadFromTheConfigurationBesideTheTokenizer(String config) throws IOException {
    Files.writeString(model.resolve("config.json"), config);

    assertThat(EosToken.of(Settings.defaults(), tokenizer)).isEqualTo(2);
  }

  @Test
  void optionWinsOverTheConfiguration() throws IOException {
    Files.writeString(model.resolve("config.json"), "{\"eos_token_id\": 2}");
    Settings settings = Settings.of(null, Map.of("prep.eos-token-id", 5));

    assertThat(EosToken.of(settings, tokenizer)).isEqualTo(5);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"eos_token_id\": null}",
        "{\"eos_token_id\": []}",
        "[",
        "",
        "{\"eos_token_id\": -1}"
      })
  void configurationThatDoesNotNameItIsRefused(String config) throws IOException {
    Files.writeString(model.resolve("config.json"), config);

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> EosToken.of(Settings.defaults(), tokenizer))
        .withMessageContaining("config.json");
  }

  @Test
  void missingConfigurationIsRefusedWithWhatToDo() {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> EosToken.of(Settings.defaults(), tokenizer))
        .withMessageContaining("give --eos-token-id");
  }
}
