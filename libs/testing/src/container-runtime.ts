import type { ContainerRuntimeClient } from 'testcontainers';
import { leaveReaperOut } from './test-environment.ts';

/**
 * The Docker engine, with an image at hand.
 * @returns the engine, or why tests on containers must be skipped
 */
export async function containerRuntime(image: string): Promise<ContainerRuntimeClient | string> {
  leaveReaperOut();
  // Loaded here, so that suites without containers do not pay for it.
  const { getContainerRuntimeClient, ImageName } = await import('testcontainers');
  let docker: ContainerRuntimeClient;
  try {
    docker = await getContainerRuntimeClient();
  } catch {
    return 'Docker does not answer';
  }
  try {
    const name = ImageName.fromString(image);
    // Does nothing when the image is already here.
    await docker.image.pull(name);
    if (await docker.image.exists(name)) return docker;
  } catch {
    // Said below.
  }
  return `the image ${image} is not here and cannot be pulled`;
}
