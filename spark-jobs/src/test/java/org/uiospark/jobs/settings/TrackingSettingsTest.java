package org.uiospark.jobs.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.model.input.InvalidInputException;

class TrackingSettingsTest {
  private static final Map<String, String> ENVIRONMENT =
      Map.of("MLFLOW_TRACKING_URI", "http://from-environment:5000");

  @Test
  void theSettingWinsOverTheEnvironment() {
    Settings given = Settings.of(null, Map.of("train.mlflow-uri", "https://given"));

    assertThat(TrackingSettings.of(given, ENVIRONMENT).mlflowUri()).isEqualTo("https://given");
    assertThat(TrackingSettings.of(Settings.defaults(), ENVIRONMENT).mlflowUri())
        .isEqualTo("http://from-environment:5000");
    assertThat(TrackingSettings.of(Settings.defaults(), Map.of())).isEqualTo(TrackingSettings.NONE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"mlruns", "file:///mlruns", "databricks", "http:// secret", "http://"})
  void whatIsNoServerIsRefusedWithoutRepeatingIt(String uri) {
    assertThatThrownBy(() -> new TrackingSettings(uri, "uio"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("it must be http://HOST:PORT")
        .hasMessageNotContaining("secret")
        .hasNoCause();
  }

  @Test
  void aPasswordInTheUriIsRefusedWithoutRepeatingIt() {
    assertThatThrownBy(() -> new TrackingSettings("http://ann:secret@host", "uio"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("MLFLOW_TRACKING_PASSWORD")
        .hasMessageNotContaining("secret");
  }
}
