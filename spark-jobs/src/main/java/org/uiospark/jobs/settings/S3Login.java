package org.uiospark.jobs.settings;

import java.util.regex.Pattern;

/** Credentials in a URI of S3, as {@code s3a://KEY:SECRET@BUCKET}, which nobody may read. */
public final class S3Login {
  /** A bucket has neither colon nor at sign in its name, a secret may even hold a slash. */
  private static final Pattern LOGIN = Pattern.compile("(?i)\\b(s3[an]?:/+)[^/\\s]*[:@]\\S*");

  private S3Login() {}

  static boolean isIn(String text) {
    return LOGIN.matcher(text).find();
  }

  /** The text with stars for all that may belong to a login. */
  public static String hidden(String text) {
    return LOGIN.matcher(text).replaceAll("$1***");
  }
}
