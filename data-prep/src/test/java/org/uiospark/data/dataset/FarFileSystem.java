package org.uiospark.data.dataset;

import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** The local disk under another scheme: what lies there is read as of another machine. */
public final class FarFileSystem extends RawLocalFileSystem {
  private static final URI ROOT = URI.create("far:///");

  /** Settings with which {@code far:///folder} leads to {@code /folder}. */
  static Configuration settings() {
    Configuration settings = new Configuration();
    settings.set("fs.far.impl", FarFileSystem.class.getName());
    return settings;
  }

  @Override
  public String getScheme() {
    return ROOT.getScheme();
  }

  @Override
  public URI getUri() {
    return ROOT;
  }
}
